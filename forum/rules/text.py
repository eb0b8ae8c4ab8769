"""Text normalisation for the rules: folded letters, words, sentences, and the phrases that staff list.

Positions are kept: character 17 of the folded text is character 17 of what was typed. In a phrase, case, apostrophes,
line breaks and commas do not matter; it never crosses the end of a sentence. `*` at the end of a word stands for any
ending ("donat*"), and `*` by itself for up to four other words ("pump * beeping").
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from articles.text.markup import find_addresses
from forum.rules.base import MAX_MATCHES, Span

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


STAR = "*"
PHRASE_GAP = 4
MAX_PHRASES = 200
MAX_PHRASE_LENGTH = 80
MAX_PHRASE_WORDS = 10
MAX_PHRASE_GAPS = 2
MIN_LETTERS = 3


class Phrase(NamedTuple):
    """A phrase around its longest word (the anchor): the other words are compared only where the anchor is found."""

    before: tuple[str, ...]
    anchor: str
    after: tuple[str, ...]


class Index(NamedTuple):
    exact: dict[str, list[Phrase]]
    opening: dict[str, list[Phrase]]


def find_phrases(text: str, phrases: Iterable[str]) -> list[Span]:
    index, read = _index(tuple(phrases)), words(text)
    by_word, by_opening = _places(text)
    found: list[Span] = []
    for listed, places in ((index.exact, by_word), (index.opening, by_opening)):
        for key in listed.keys() & places.keys():
            for at in places[key]:
                found += [span for phrase in listed[key] if (span := _match(read, at, phrase))]
                if len(found) >= MAX_MATCHES:
                    return found[:MAX_MATCHES]
    return found


@lru_cache(maxsize=8)
def _places(text: str) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    by_word: dict[str, list[int]] = defaultdict(list)
    by_opening: dict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(words(text)):
        by_word[word.text].append(at)
        by_opening[word.text[:MIN_LETTERS]].append(at)
    return by_word, by_opening


def phrase_problem(phrase: str) -> str:
    """Return the error message for a phrase that staff typed; empty when it is valid."""
    parts = _parts(phrase)
    if len(phrase) > MAX_PHRASE_LENGTH or len(parts) > MAX_PHRASE_WORDS:
        return f"“{phrase[:40]}…” is too long: at most {MAX_PHRASE_WORDS} words and {MAX_PHRASE_LENGTH} characters."
    if not parts or len(_anchor(parts).rstrip(STAR)) < MIN_LETTERS:
        return f"“{phrase}” is too short: one of its words needs at least {MIN_LETTERS} letters."
    if parts.count(STAR) > MAX_PHRASE_GAPS or STAR in (parts[0], parts[-1]):
        return f"“{phrase}” has a * by itself at an end, or more than {MAX_PHRASE_GAPS} of them."
    return ""


@lru_cache(maxsize=64)
def _index(phrases: tuple[str, ...]) -> Index:
    exact: dict[str, list[Phrase]] = defaultdict(list)
    opening: dict[str, list[Phrase]] = defaultdict(list)
    for typed in phrases:
        parts = _parts(typed)
        if phrase_problem(typed):
            continue
        at = parts.index(_anchor(parts))
        phrase = Phrase(tuple(reversed(parts[:at])), parts[at], tuple(parts[at + 1 :]))
        if phrase.anchor.endswith(STAR):
            opening[phrase.anchor[:MIN_LETTERS]].append(phrase)
        else:
            exact[phrase.anchor].append(phrase)
    return Index(exact, opening)


def _parts(phrase: str) -> list[str]:
    parts: list[str] = []
    for piece in phrase.split():
        if set(piece) == {STAR}:
            parts.append(STAR)
            continue
        read = [word.text for word in words(piece)]
        if read and piece.endswith(STAR):
            read[-1] += STAR
        parts += read
    return parts


def _anchor(parts: Sequence[str]) -> str:
    return max((part for part in parts if part != STAR), key=len, default="")


def _match(read: Sequence[Word], at: int, phrase: Phrase) -> Span | None:
    if not _same(read[at].text, phrase.anchor):
        return None
    first = _walk(read, at, phrase.before, -1)
    last = _walk(read, at, phrase.after, 1)
    return None if first is None or last is None else (read[first].start, read[last].end)


def _walk(read: Sequence[Word], at: int, parts: Sequence[str], step: int) -> int | None:
    """Return the position of the last of `parts` if they follow `at`, where `step` is 1 forwards and -1 backwards."""
    if not parts:
        return at
    reach = range(1, PHRASE_GAP + 2) if parts[0] == STAR else range(1, 2)
    wanted = parts[1:] if parts[0] == STAR else parts
    for distance in reach:
        place = at + step * distance
        if not 0 <= place < len(read) or read[place].sentence != read[at].sentence:
            return None
        if _same(read[place].text, wanted[0]):
            end = _walk(read, place, wanted[1:], step)
            if end is not None:
                return end
    return None


def _same(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith(STAR) else word == wanted
