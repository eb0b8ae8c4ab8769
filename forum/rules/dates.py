"""Dates of birth in a text."""

import re
from functools import lru_cache

from forum.rules.base import Facts, Match, Options, Rule, Span, matches
from forum.rules.text import fold

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_UNITS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_ORDINAL = (
    rf"(?:{_UNITS}|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|"
    rf"twentieth|thirtieth|(?:twenty|thirty)[\s-](?:{_UNITS}))"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d(?!\d))"
_YEAR_IN_WORDS = r"(?:nineteen|twenty|two thousand)(?:[\s-](?:and\s)?[a-z]{3,9}){1,2}"
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}\s?[./\-]\s?\d{{1,2}}\s?[./\-]\s?{_YEAR}|(?:19|20)\d\d-\d{{1,2}}-\d{{1,2}}|"
    rf"{_DAY}\.?\s{{0,2}}(?:of\s)?{_MONTH}\b[.,]?\s{{0,2}}{_YEAR}|{_MONTH}\b\.?\s{{0,2}}(?:the\s)?{_DAY},?\s{{0,2}}{_YEAR}|"
    rf"{_ORDINAL}\s(?:of\s)?{_MONTH}\b,?\s{{0,2}}(?:{_YEAR_IN_WORDS}|{_YEAR})|"
    rf"{_MONTH}\b\s(?:the\s)?{_ORDINAL},?\s{{0,2}}(?:{_YEAR_IN_WORDS}|{_YEAR}))"
)
_BIRTH = re.compile(
    r"\b(?:born|into (?:this|the) world|birth(?:day|date)?|d\.?\s?o\.?\s?b\b\.?|geb(?:oren|urtsdatum)?\b\.?)"
)
_AFTERWARDS = re.compile(r"[^.!?\n]{0,15}\b(?:my|his|her|the|our)?\s?(?:date of birth|birth\s?da(?:y|te)|dob)\b")
_REACH = 45

SENTENCE = "Seems to contain somebody’s date of birth."
FOR_AUTHOR = "a date of birth; the year, or an age, is enough"


@lru_cache(maxsize=8)
def find_dates(text: str) -> tuple[Span, ...]:
    return tuple(found.span() for found in _DATE.finditer(fold(text)))


def birth_date(text: str, _facts: Facts, _options: Options) -> list[Match]:
    folded = fold(text)
    spans = [span for span in find_dates(text) if _is_birth(folded, span)]
    return matches("birth-date", SENTENCE, spans, for_author=FOR_AUTHOR)


def _is_birth(folded: str, span: Span) -> bool:
    if _AFTERWARDS.match(folded, span[1]):
        return True
    before = list(_BIRTH.finditer(folded, max(0, span[0] - _REACH), span[0]))
    return bool(before) and not re.search(r"[!?\n]|\.\s", folded[before[-1].end() : span[0]])


RULES = (
    Rule(
        "birth-date",
        "Dates of birth",
        "Holds a day, month and year next to words such as born, birthday or DOB, in figures or in words.",
        birth_date,
        personal=True,
        for_physicians=True,
    ),
)
