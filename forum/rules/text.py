"""Text normalisation for the rules: folded letters, words and sentences.

Positions are kept: character 17 of the folded text is character 17 of what was typed.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from articles.text.markup import find_addresses
from forum.rules.base import Span

# Letters of other scripts that look like Latin ones and replace them to evade filters.
# Without the Greek letters that medicine uses (alpha, beta, mu ...).
LOOKALIKES = dict(zip("аеорсухкмтвнгізѕјԁѡ" + "οντιυκρχ", "aeopcyxkmtbhriz" + "sjdw" + "ovtiukpx", strict=True))
_SIGNS = {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "“": '"', "”": '"'}
# A full stop after an abbreviation, or inside a number or a name, does not end a sentence.
_END = re.compile(
    r"[!?\n]+|(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)(?<!\bst)(?<!\bno)(?<!\bnr)(?<!\bapprox)(?<!\bprof)\.(?=\s|$)"
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_BREAK = re.compile(r"[.!?\n]")


class Word(NamedTuple):
    """A word in folded letters without apostrophes, its span, and the number of its sentence."""

    text: str
    start: int
    end: int
    sentence: int


@lru_cache(maxsize=4_096)
def _plain(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).casefold()
    folded = folded if len(folded) == 1 else character
    folded = _SIGNS.get(folded, LOOKALIKES.get(folded, folded))
    return " " if folded.isspace() and folded != "\n" else folded


@lru_cache(maxsize=8)
def fold(text: str) -> str:
    """Return the text in lower case with plain quotes, dashes, spaces and letters, at exactly the same length."""
    if text.isascii():
        return text.lower().replace("\t", " ").replace("`", "'")
    return "".join(map(_plain, text))


@lru_cache(maxsize=8)
def sentences(text: str) -> tuple[Span, ...]:
    spans, start = [], 0
    for end in _END.finditer(fold(text)):
        spans.append((start, end.end()))
        start = end.end()
    if start < len(text):
        spans.append((start, len(text)))
    return tuple(spans)


@lru_cache(maxsize=8)
def addresses(text: str) -> tuple[Span, ...]:
    return tuple(find_addresses(text))


@lru_cache(maxsize=8)
def words(text: str) -> tuple[Word, ...]:
    """Return the words in order. A phrase matches only within one sentence, hence the sentence numbers."""
    folded = fold(text)
    found, number, last = [], 0, 0
    for word in _WORD.finditer(folded):
        if _BREAK.search(folded, last, word.start()):
            number += 1
        last = word.end()
        found.append(Word(word.group().replace("'", ""), word.start(), word.end(), number))
    return tuple(found)
