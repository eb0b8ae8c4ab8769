"""A text cut into pieces for showing: at what rules matched, and at what changed between two versions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from articles.markup import find_addresses, mask
from forum.models import Hold

# A word with the space before it, so that a changed line break shows, and space at the end.
_WORDS = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; `reason` is set where a rule matched, `effect` says what followed from it."""

    text: str
    reason: str = ""
    effect: str = ""


@dataclass(frozen=True, order=True)
class Span:
    """A stretch that a rule matched, as code points, grown so that it never ends inside an address."""

    start: int
    end: int
    reason: str = ""
    effect: str = ""

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.start}-{self.end}"


@dataclass(frozen=True)
class Changed:
    """A stretch of two versions laid over each other; `kind` is "same", "ins" or "del"."""

    kind: str
    text: str


def spans(text: str, holds: Iterable[Hold]) -> list[Span]:
    """Return where the holds match, in order; of overlapping ones the first.

    A span that ends inside an address grows to take it in whole: half an address could not be masked.
    """
    whole = find_addresses(text)
    found = [
        Span(*_grown(hold.start, hold.end, whole), hold.sentence, hold.effect)
        for hold in holds
        if hold.start is not None and hold.end is not None
    ]
    kept: list[Span] = []
    for span in sorted(found):
        if span.start >= (kept[-1].end if kept else 0) and span.start < span.end <= len(text):
            kept.append(span)
    return kept


def cut(text: str, holds: Iterable[Hold]) -> list[Piece]:
    """Cut the text at what the holds matched, each piece with addresses masked."""
    pieces: list[Piece] = []
    position = 0
    for span in spans(text, holds):
        pieces.append(Piece(mask(text[position : span.start])))
        pieces.append(Piece(mask(text[span.start : span.end]), span.reason, span.effect))
        position = span.end
    return [piece for piece in [*pieces, Piece(mask(text[position:]))] if piece.text]


def differences(before: str, after: str) -> list[Changed]:
    """Return both texts laid over each other, word by word. Addresses are masked first: a diff could cut one in two."""
    old, new = _WORDS.findall(mask(before)), _WORDS.findall(mask(after))
    changed: list[Changed] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            changed.append(Changed("same", "".join(old[i1:i2])))
            continue
        changed += [Changed(name, "".join(part)) for name, part in (("del", old[i1:i2]), ("ins", new[j1:j2])) if part]
    return changed


def _grown(start: int, end: int, addresses: list[tuple[int, int]]) -> tuple[int, int]:
    touched = [(first, last) for first, last in addresses if first < end and start < last]
    return min([start, *(first for first, _ in touched)]), max([end, *(last for _, last in touched)])
