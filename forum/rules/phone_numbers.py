"""Telephone number detection, in digits and in words ("oh seven seven double nine")."""

import re
from functools import lru_cache

import phonenumbers

from forum.rules.base import Span
from forum.rules.text import Word, words

# Countries of our readers with a leading 0 in national numbers; elsewhere any run of digits could be a number.
_WITH_ZERO = ("GB", "DE", "FR", "NL", "TR", "AU", "IT", "IE", "AT", "CH", "BE", "SE", "IN")
_MOBILES = ("CN", "TR", "IN")
_NORTH_AMERICA = re.compile(r"(?:\+?1[\s.\-]?)?\(?[2-9]\d\d\)?[\s.\-/]{0,2}[2-9]\d\d[\s.\-]?\d{4}")
_TURKEY = re.compile(r"[2-5]\d\d[\s.\-]?\d{3}[\s.\-]?\d\d[\s.\-]?\d\d")
_MOBILE = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
# Counting sequences: 0123456789, 9876543210, 12345678910 ...
_COUNTING = ("01234567890123456789", "09876543210987654321", "".join(map(str, range(31))))

_SPOKEN = {
    word: digit
    for digit, spellings in enumerate(
        ("zero oh o nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in spellings.split()
}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
# Nine digits or more, most of them single words: an ordinary sentence never has so many.
_SPOKEN_DIGITS = range(9, 16)
_BETWEEN = re.compile(r"[\s,.\-()]{0,3}$")


def is_dialled(typed: str) -> bool:
    """True when the digits as typed are a telephone number in some country, and not a counting sequence."""
    digits = "".join(character for character in typed if character.isdigit())
    if _is_counting(digits):
        return False
    if typed.lstrip(" (").startswith("+") or digits.startswith("00"):
        return _valid("+" + digits.removeprefix("00"), None) or len(digits) >= 11
    if digits.startswith("0"):
        return 10 <= len(digits) <= 12 and (_is_spaced_out(typed) or any(_valid(digits, r) for r in _WITH_ZERO))
    if _NORTH_AMERICA.fullmatch(typed.strip()):
        return _valid(digits, "US")
    if _TURKEY.fullmatch(typed.strip()) and _valid(digits, "TR"):
        return True
    whole = typed.strip().isdigit()
    return whole and any(_valid(digits, region, mobile=True) for region in _MOBILES)


def _is_counting(digits: str) -> bool:
    return len(set(digits)) == 1 or any(digits in row for row in _COUNTING)


def _is_spaced_out(typed: str) -> bool:
    return bool(re.fullmatch(r"\d(?:[\s.\-/]{1,3}\d){9,11}", typed.strip()))


@lru_cache(maxsize=512)
def _valid(digits: str, region: str | None, *, mobile: bool = False) -> bool:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and (not mobile or phonenumbers.number_type(number) in _MOBILE)


def spoken_numbers(text: str) -> list[Span]:
    """Return the spans of at least nine digits written as words, with "o" for 0, or one by one."""
    spans: list[Span] = []
    run: list[tuple[Word, str]] = []
    times, last = 1, 0
    for word in words(text):
        if run and not _BETWEEN.match(text[last : word.start]):
            spans += _as_number(run)
            run, times = [], 1
        last = word.end
        if word.text in _TIMES:
            times = _TIMES[word.text]
            continue
        digits = _digits_of(word.text)
        if digits:
            run.append((word, digits * times))
        elif run:
            spans += _as_number(run)
            run = []
        times = 1
    return spans + _as_number(run)


def _digits_of(word: str) -> str:
    if word in _SPOKEN:
        return str(_SPOKEN[word])
    plain = word.replace("o", "0")
    return plain if plain.isascii() and plain.isdigit() and any(c.isdigit() for c in word) else ""


def _as_number(run: list[tuple[Word, str]]) -> list[Span]:
    digits = "".join(part for _word, part in run)
    dressed = [word for word, part in run if not word.text.isdigit()]
    if len(digits) not in _SPOKEN_DIGITS or not dressed or _is_counting(digits):
        return []
    return [(run[0][0].start, run[-1][0].end)]


# Load the data of each country now: with the first number parsed it would exceed the time limit of a rule.
for _region in (*_WITH_ZERO, *_MOBILES, "US"):
    _valid("5550100123", _region)
    _valid("0207946095", _region, mobile=True)
