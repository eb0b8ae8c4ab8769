"""Phrase matching for the words and phrases that staff list.

Case, apostrophes, line breaks and commas do not matter; a phrase never crosses the end of a sentence. `*` at the end of
a word stands for any ending ("donat*"), and `*` by itself for up to four other words ("pump * beeping").
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from forum.rules.base import MAX_MATCHES, Span
from forum.rules.text import Word, words

STAR = "*"
GAP = 4
MAX_PHRASES = 200
MAX_LENGTH = 80
MAX_WORDS = 10
MAX_GAPS = 2
MIN_LETTERS = 3


class Phrase(NamedTuple):
    """A phrase around its longest word (the anchor): the other words are compared only where the anchor is found."""

    before: tuple[str, ...]
    anchor: str
    after: tuple[str, ...]


class Index(NamedTuple):
    exact: dict[str, list[Phrase]]
    opening: dict[str, list[Phrase]]


def find(text: str, phrases: Iterable[str]) -> list[Span]:
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


def problem(phrase: str) -> str:
    parts = _parts(phrase)
    if len(phrase) > MAX_LENGTH or len(parts) > MAX_WORDS:
        return f"“{phrase[:40]}…” is too long: at most {MAX_WORDS} words and {MAX_LENGTH} characters."
    if not parts or len(_anchor(parts).rstrip(STAR)) < MIN_LETTERS:
        return f"“{phrase}” is too short: one of its words needs at least {MIN_LETTERS} letters."
    if parts.count(STAR) > MAX_GAPS or STAR in (parts[0], parts[-1]):
        return f"“{phrase}” has a * by itself at an end, or more than {MAX_GAPS} of them."
    return ""


@lru_cache(maxsize=64)
def _index(phrases: tuple[str, ...]) -> Index:
    exact: dict[str, list[Phrase]] = defaultdict(list)
    opening: dict[str, list[Phrase]] = defaultdict(list)
    for typed in phrases:
        parts = _parts(typed)
        if problem(typed):
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
    if not parts:
        return at
    reach = range(1, GAP + 2) if parts[0] == STAR else range(1, 2)
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
