"""Telephone numbers, and numbers of patients and insurance."""

import re
from functools import lru_cache

from forum.rules.base import Facts, Match, Options, Rule, Span, matches, overlaps
from forum.rules.dates import find_dates
from forum.rules.links import find_links
from forum.rules.phone_numbers import is_dialled, spoken_numbers
from forum.rules.references import references
from forum.rules.text import fold

# ---- Numbers of patients and insurance ----

_ALWAYS = (
    r"n\.?h\.?s\b\.?|mrn|ssn|medicare|medicaid|social security|national insurance|chi|versicherten\s?\-?|"
    r"krankenkassen\s?\-?"
)
_WITH_NUMBER = (
    r"patients?|hospital|medical record|health record|chart|record|insurance|policy|member(?:ship)?|health card|"
    r"health plan|insurer|clinic|case|file"
)
_WORD = r"(?:numbers?|no\b\.?|nr\b\.?|num\b\.?|nummer|id\b\.?|\#)"
_FILLER = r"(?:\s?(?:is|was|were|there|here|with them|=|:|,|-|\#)){0,4}\s{0,3}"
_ID = r"(?P<id>[a-z0-9](?:[a-z0-9]|[\s\-/](?=[a-z0-9]*\d)){3,18})(?![\w%])"
_NAMED_NUMBER = re.compile(
    rf"\b(?:(?:{_ALWAYS})\s?{_WORD}?|(?:{_WITH_NUMBER})['s]{{0,2}}\s?{_WORD}|"
    rf"(?:hospital|medical|patient|health) (?:record|file):|my social){_FILLER}{_ID}"
)
_SSN = re.compile(r"(?<![\d\-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d\-])")
_NI = re.compile(r"\b[a-ceghj-prtw-z][a-ceghj-nprtw-z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b")
RECORD = "Seems to give a patient, record or insurance number."
RECORD_FOR_AUTHOR = "a number that identifies somebody to a hospital or an insurer"


@lru_cache(maxsize=8)
def _record_spans(text: str) -> tuple[Span, ...]:
    folded = fold(text)
    named = (m.span("id") for m in _NAMED_NUMBER.finditer(folded) if _looks_like_an_id(m.group("id")))
    alone = (m.span() for pattern in (_SSN, _NI) for m in pattern.finditer(folded))
    return tuple(sorted({*named, *alone}))


def _looks_like_an_id(found: str) -> bool:
    digits = sum(character.isdigit() for character in found)
    return digits >= 4 and not re.fullmatch(r"(?:19|20)\d\d(?:[\s\-/](?:19|20)?\d\d)?", found.strip())


def record_number(text: str, _facts: Facts, _options: Options) -> list[Match]:
    return matches("record-number", RECORD, _record_spans(text), for_author=RECORD_FOR_AUTHOR)


# ---- Telephone numbers ----

_DIGITS = re.compile(r"(?<![\w.])(?:(?:\+|00)[\s(]{0,2}|\()?\d(?:[ ./\-()]{0,3}\d){6,16}(?!\d)(?!\.\d)")
_DOSE = re.compile(
    r"\s?(?:mg|mcg|[µμ]g|ug|micro|milli|ml\b|g\b|kg|km|cm|mm|m\b|%|percent|euros?|dollars?|pounds?|people|steps)"
)
_SAID_BEFORE = re.compile(
    r"\b(?:tel(?:ephone)?|phone|mobile|cell(?:phone)?|call|ring|text|dial|whats\s?app|sms|fax|signal|number)\b[^!?\n\d]{0,30}$"
)
_SAID_AFTER = re.compile(
    r"[^.!?\n\d]{0,12}\b(?:my|our|the|is)\b[^.!?\n\d]{0,12}\b(?:tel(?:ephone)?|phone|mobile|cell|number)\b"
)
# Fewer digits without context may as well be a figure from a table.
MIN_DIGITS = 9
PHONE = "Contains what looks like a telephone number."
PHONE_FOR_AUTHOR = "a telephone number"


def phone(text: str, _facts: Facts, _options: Options) -> list[Match]:
    folded = fold(text)
    other = [*references(text), *find_dates(text), *_record_spans(text), *(link.span for link in find_links(text))]
    spans = [span for span in spoken_numbers(text) if not overlaps(span, other)]
    for found in _DIGITS.finditer(folded):
        if len(spans) >= 60:
            break
        if not overlaps(found.span(), [*other, *spans]) and _is_phone(folded, found):
            spans.append(found.span())
    return matches("phone", PHONE, spans, for_author=PHONE_FOR_AUTHOR)


def _is_phone(folded: str, found: re.Match[str]) -> bool:
    if _DOSE.match(folded, found.end()):
        return False
    digits = sum(character.isdigit() for character in found.group())
    said = _SAID_BEFORE.search(folded[max(0, found.start() - 60) : found.start()])
    if said or _SAID_AFTER.match(folded, found.end()):
        return digits >= 7
    return digits >= MIN_DIGITS and is_dialled(found.group())


RULES = (
    Rule(
        "phone",
        "Telephone numbers",
        "Holds telephone numbers in international form, of many countries in their own form, spaced out, in words, and "
        "any longer number beside words such as call or mobile. Numbers of papers, trials and genes are left alone.",
        phone,
        personal=True,
        for_physicians=True,
    ),
    Rule(
        "record-number",
        "Patient and insurance numbers",
        "Holds NHS numbers, medical record numbers, social security numbers and other numbers that "
        "identify somebody to a hospital or an insurer.",
        record_number,
        personal=True,
        for_physicians=True,
    ),
)
