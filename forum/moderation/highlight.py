"""Highlighting of rule matches in a held text."""

from collections.abc import Iterable
from dataclasses import dataclass

from articles.text.markup import find_addresses, mask
from forum.models import Hold


@dataclass(frozen=True)
class Piece:
    text: str
    reason: str = ""
    effect: str = ""


@dataclass(frozen=True, order=True)
class Span:
    start: int
    end: int
    reason: str = ""
    effect: str = ""

    @property
    def value(self) -> str:
        return f"{self.start}-{self.end}"


def spans(text: str, holds: Iterable[Hold]) -> list[Span]:
    """Return the spans of the matches in order; of overlapping ones, the first.

    A span that ends inside an address is extended to the whole address: half an address could not be masked.
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
    pieces: list[Piece] = []
    position = 0
    for span in spans(text, holds):
        pieces.append(Piece(mask(text[position : span.start])))
        pieces.append(Piece(mask(text[span.start : span.end]), span.reason, span.effect))
        position = span.end
    return [piece for piece in [*pieces, Piece(mask(text[position:]))] if piece.text]


def _grown(start: int, end: int, addresses: list[tuple[int, int]]) -> tuple[int, int]:
    touched = [(first, last) for first, last in addresses if first < end and start < last]
    return min([start, *(first for first, _ in touched)]), max([end, *(last for _, last in touched)])
