"""Cleaning of typed text: invisible characters removed; e-mail addresses found, also obfuscated ones, and masked.

Zero-width characters hide an address from a filter, bidirectional controls show a reader other words than a moderator
approved, and NUL breaks databases. All three are removed before text is parsed, shown or searched.

Addresses ("name at example dot com") are looked for before text is rendered, by the moderation rules, and by the log.
The text is folded first: entities and percent signs are decoded, full-width and look-alike characters become plain
ones. Patterns search the folded text, and each match is mapped back to the original. Every pattern is bounded, so the
time is linear in the length of the text.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

# ---- Invisible characters ----

# Ranges of characters without a glyph (Unicode "default ignorable", controls, private use, surrogates, non-characters).
# Tab and newline stay. Listed by code point, because the characters themselves could not be seen here.
_UNSEEN_RANGES = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x061C, 0x061C),  # Arabic letter mark
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero-width space, joiners, direction marks
    (0x202A, 0x202E),  # bidirectional embedding and override
    (0x2060, 0x206F),  # word joiner, invisible operators, isolates
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates cannot be stored as UTF-8
    (0xE000, 0xF8FF),  # private use: one of them marks masked addresses (see markup.py)
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and further variation selectors
    (0xF0000, 0x10FFFF),  # private use planes
)
UNSEEN_CLASS = "".join(f"{re.escape(chr(low))}-{re.escape(chr(high))}" for low, high in _UNSEEN_RANGES)
_UNSEEN = re.compile(f"[{UNSEEN_CLASS}]")

# A joiner or an emoji selector stays only directly behind an emoji, and the joiner only directly before another one.
# That keeps a family or a rainbow flag whole, and hides no letter, digit or "@".
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff"
_KEPT = re.compile(f"(?<=[{_EMOJI}])\ufe0f(?:\u200d(?=[{_EMOJI}]))?|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.isprintable():
        return text
    kept = {match.start() + offset for match in _KEPT.finditer(text) for offset in range(len(match.group()))}
    if not kept:
        return _UNSEEN.sub("", text)
    return _UNSEEN.sub(lambda match: match.group() if match.start() in kept else "", text)


def is_unseen(character: str) -> bool:
    return _UNSEEN.match(character) is not None


# ---- E-mail addresses ----

REMOVED = "[e-mail address removed]"

_ENCODED = re.compile(r"(?:%[0-9a-fA-F]{2})+|&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?")
# What Markdown or a careless copy of HTML leaves between letters: joe\\@example.org, joe*@*example.org, joe<b>@</b>...
_DRESSING = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|[*`~]|<!--[^<>@]{0,60}-->|"
    r"</?(?:a|abbr|b|big|br|code|em|font|i|p|s|small|span|strong|u|wbr)(?:\s+[a-z\-]{1,20}=[^<>@]{0,80})?\s{0,3}/?>",
    re.IGNORECASE,
)
# Entities and percent signs may be nested (%2540, &amp;#64;). Three rounds cover what a browser or a careless copy
# would decode.
_ROUNDS = 3

# "at" and "dot" in all their spellings become one character each, so that the patterns further down have nothing to
# guess and no way to backtrack. Private-use characters: folding has taken them out of the text itself.
_BOXED_AT, _WORD_AT, _SPACED_AT = "\ue010", "\ue011", "\ue012"
_BOXED_DOT, _WORD_DOT, _SPACED_DOT = "\ue013", "\ue014", "\ue015"
_OPEN, _CLOSE = r"\s{0,3}[\[({<]\s{0,2}", r"\s{0,2}[\])}>]\s{0,3}"
_SPELLINGS = (
    (re.compile(rf"{_OPEN}(?:at|@){_CLOSE}", re.IGNORECASE), _BOXED_AT),  # (at) [@]
    (re.compile(rf"{_OPEN}(?:dot|\.){_CLOSE}", re.IGNORECASE), _BOXED_DOT),  # (dot) [.]
    (re.compile(r"\s{1,3}at\s{1,3}|[_\-]at[_\-]", re.IGNORECASE), _WORD_AT),  # " at ", "_at_"
    (re.compile(r"\s{1,3}dot\s{1,3}|[_\-]dot[_\-]", re.IGNORECASE), _WORD_DOT),
    (re.compile(r"\s{1,3}@\s{0,3}|@\s{1,3}"), _SPACED_AT),
    (re.compile(r"\s{1,2}\.\s{0,2}|\.\s{1,2}"), _SPACED_DOT),
)

_LOCAL = r"\w[\w.+\-%&'=!#$^{|}]{0,63}"
_LABEL = r"[\w\-]{1,63}"
_TLD = r"(?:xn--[\w\-]{1,59}|[^\W\d_]{2,24})"
# For loosely written addresses only endings that are not also English words (so not "it", "is", "me", "no").
_SURE_TLD = (
    r"(?:com|net|org|edu|gov|info|biz|dev|app|ac|au|br|ca|ch|cn|co|cz|de|dk|ee|es|eu|fi|fr|gr|hk|hu|ie|il|io|jp|kr|"
    r"lt|lv|mx|nl|nz|nhs|pl|pt|ro|rs|ru|se|sg|si|sk|tr|tv|ua|uk|za)(?!\w)"
)
# Austria's "at" as a word counts only at the end of a sentence ("look at the dot at the end" is no address).
_SAID_TLD = rf"(?:{_SURE_TLD}|at(?=\s{{0,3}}(?:[.,;:!?)\]\n{_SPACED_DOT}]|\Z)))"
_PROVIDER = (
    r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|aol|proton(?:mail)?|gmx|msn|fastmail|btinternet|zoho|"
    r"yandex|comcast|verizon)"
)
_ANY_AT = f"[@{_BOXED_AT}{_WORD_AT}{_SPACED_AT}]"
_ANY_DOT = f"[.{_BOXED_DOT}{_WORD_DOT}{_SPACED_DOT}]"
_SAID_DOT = f"[{_BOXED_DOT}{_WORD_DOT}]"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # name@example.org, and with a quoted name or a numeric host
        rf"{_LOCAL}@(?:{_LABEL}\.){{1,8}}{_TLD}",
        rf'"[^"\n]{{1,64}}"@(?:{_LABEL}\.){{1,8}}{_TLD}',
        rf"{_LOCAL}@(?:\[[0-9a-z:.]{{2,50}}\]|\d{{1,3}}(?:\.\d{{1,3}}){{3}})",
        # name @ example.org
        rf"{_LOCAL}{_SPACED_AT}(?=[^\W\d_])(?:{_LABEL}\.){{1,8}}{_TLD}",
        # name [at] example.org, name (at) example (dot) org, name [at] example dot org
        rf"{_LOCAL}{_BOXED_AT}(?:{_LABEL}[.{_BOXED_DOT}{_WORD_DOT}]){{1,5}}{_TLD}",
        # name at example (dot) org
        rf"{_LOCAL}{_ANY_AT}(?:{_LABEL}{_ANY_DOT}){{0,4}}{_LABEL}{_BOXED_DOT}{_TLD}",
        # name @example . com
        rf"{_LOCAL}[@{_SPACED_AT}](?:{_LABEL}{_ANY_DOT}){{1,5}}{_SURE_TLD}",
        # name at example dot com (but not "look at example.com")
        rf"{_LOCAL}{_ANY_AT}(?:{_LABEL}{_ANY_DOT}){{0,4}}{_LABEL}{_SAID_DOT}{_SAID_TLD}",
        rf"{_LOCAL}{_ANY_AT}{_LABEL}{_SAID_DOT}(?:{_LABEL}{_ANY_DOT}){{1,4}}{_SURE_TLD}",
        # name at gmail, name@gmail, name at gmail.com
        rf"{_LOCAL}{_ANY_AT}{_PROVIDER}(?:(?:{_ANY_DOT}|\s){_SURE_TLD}|(?!\w))",
    )
]
# nameATexampleDOTcom: only in capitals
_PATTERNS.append(re.compile(r"[A-Za-z0-9._+\-]{1,64}AT[a-z0-9\-]{1,63}DOT[a-z]{2,24}"))
_HINT = re.compile(r"@|at", re.IGNORECASE)


@dataclass(frozen=True)
class _Folded:
    """Plain text to search, and for each of its characters the piece [start, end) of the original it came from."""

    text: str
    starts: list[int]
    ends: list[int]


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return the spans [start, end) of e-mail addresses, sorted and without overlaps."""
    folded = _fold(text)
    if not _HINT.search(folded.text):
        return []
    for spelling, sign in _SPELLINGS:
        folded = _replaced(folded, spelling, sign)
    found = (match.span() for pattern in _PATTERNS for match in pattern.finditer(folded.text))
    spans = ((_leftmost(folded.text, start), end) for start, end in found)
    return _merged((folded.starts[start], folded.ends[end - 1]) for start, end in spans)


def mask(text: str, replacement: str = REMOVED) -> str:
    parts, done = [], 0
    for start, end in find_addresses(text):
        parts += [text[done:start], replacement]
        done = end
    return "".join(parts) + text[done:]


def _leftmost(text: str, start: int) -> int:
    """Return the start of a name that is longer than the pattern allows; looks back 200 characters at most."""
    lowest = max(0, start - 200)
    while start > lowest and (text[start - 1].isalnum() or text[start - 1] in "._+-"):
        start -= 1
    return start


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _fold(text: str) -> _Folded:
    folded = _Folded(text, list(range(len(text))), list(range(1, len(text) + 1)))
    for _ in range(_ROUNDS):
        if not _ENCODED.search(folded.text):
            break
        folded = _decoded(folded)
    if _DRESSING.search(folded.text):
        folded = _undressed(folded)
    return folded if folded.text.isascii() and folded.text.isprintable() else _plain_characters(folded)


def _decoded(folded: _Folded) -> _Folded:
    pieces: list[tuple[str, int, int]] = []
    done = 0
    for match in _ENCODED.finditer(folded.text):
        pieces += _same(folded, done, match.start())
        pieces += _decode(folded, match.group(), match.start(), match.end())
        done = match.end()
    pieces += _same(folded, done, len(folded.text))
    return _joined(pieces)


def _decode(folded: _Folded, code: str, start: int, end: int) -> list[tuple[str, int, int]]:
    if not code.startswith("%"):
        return [(character, folded.starts[start], folded.ends[end - 1]) for character in html.unescape(code)]
    raw = unquote_to_bytes(code)
    if raw.isascii():  # one byte is one character, so each keeps its own place
        places = range(start, end, 3)
        return [(chr(byte), folded.starts[at], folded.ends[at + 2]) for byte, at in zip(raw, places, strict=True)]
    return [(character, folded.starts[start], folded.ends[end - 1]) for character in raw.decode("utf-8", "replace")]


def _undressed(folded: _Folded) -> _Folded:
    dressing = {at for match in _DRESSING.finditer(folded.text) for at in range(match.start(), match.end())}
    whole = _same(folded, 0, len(folded.text))
    return _joined(piece for at, piece in enumerate(whole) if at not in dressing)


def _replaced(folded: _Folded, spelling: re.Pattern[str], sign: str) -> _Folded:
    matches = list(spelling.finditer(folded.text))
    if not matches:
        return folded
    pieces: list[tuple[str, int, int]] = []
    done = 0
    for match in matches:
        pieces += _same(folded, done, match.start())
        pieces.append((sign, folded.starts[match.start()], folded.ends[match.end() - 1]))
        done = match.end()
    return _joined(pieces + _same(folded, done, len(folded.text)))


def _plain_characters(folded: _Folded) -> _Folded:
    pieces: list[tuple[str, int, int]] = []
    for character, start, end in _same(folded, 0, len(folded.text)):
        if character.isascii() and character.isprintable():
            pieces.append((character, start, end))
        elif not is_unseen(character):
            plain = unicodedata.normalize("NFKC", character).replace("\u3002", ".")
            pieces += [(part, start, end) for part in plain]
    return _joined(pieces)


def _same(folded: _Folded, start: int, end: int) -> list[tuple[str, int, int]]:
    return list(zip(folded.text[start:end], folded.starts[start:end], folded.ends[start:end], strict=True))


def _joined(pieces: Iterable[tuple[str, int, int]]) -> _Folded:
    characters, starts, ends = [], [], []
    for character, start, end in pieces:
        characters.append(character)
        starts.append(start)
        ends.append(end)
    return _Folded("".join(characters), starts, ends)
