"""Telephone numbers, numbers of patients and insurance, and dates of birth."""

import re
from functools import lru_cache

import phonenumbers

from forum.rules.base import Facts, Match, Options, Rule, Span, matches, overlaps
from forum.rules.links import find_links
from forum.rules.text import Word, fold, words

# ---- Numbers of papers, trials and genes, which look like telephone numbers and are none ----

_REFERENCE = re.compile(
    r"\b10\.\d{4,9}/[^\s\"<>]{1,120}"  # DOI
    r"|\b(?:pmid|pmcid|pubmed(?:\s?id)?|pmc|omim|mim|orpha(?:net)?|isbn(?:-1[03])?|issn|nct|isrctn|eudract|euctr|drks|"
    r"actrn|chictr|umin|arxiv|rs|nm_|np_|nc_|ensg|grant|ref|version|figure|table|volume|vol|pages?|pp)"
    r"[\s.:#]{0,3}\d[\d\-./: ]{0,25}\d"
    r"|\b\d{1,4}(?:,\d{3}){1,4}(?:\.\d{1,3})?(?!\d)"  # 1,234,567.00
    r"|\b(?:19|20)\d\d\s?-\s?(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d;\s?\d{1,4}(?:\s?\(\d{1,4}\))?:\s?\d{1,6}(?:-\d{1,6})?"  # 2014;123:142-5
    r"|\bc\.\d{1,6}[\d+\-_*]{0,12}"  # a variant of a gene
)


@lru_cache(maxsize=8)
def references(text: str) -> tuple[Span, ...]:
    return tuple(found.span() for found in _REFERENCE.finditer(fold(text)))


# ---- Dates of birth ----

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

BIRTH_DATE = "Seems to contain somebody’s date of birth."
BIRTH_DATE_FOR_AUTHOR = "a date of birth; the year, or an age, is enough"


@lru_cache(maxsize=8)
def find_dates(text: str) -> tuple[Span, ...]:
    return tuple(found.span() for found in _DATE.finditer(fold(text)))


def birth_date(text: str, _facts: Facts, _options: Options) -> list[Match]:
    folded = fold(text)
    spans = [span for span in find_dates(text) if _is_birth(folded, span)]
    return matches("birth-date", BIRTH_DATE, spans, for_author=BIRTH_DATE_FOR_AUTHOR)


def _is_birth(folded: str, span: Span) -> bool:
    if _AFTERWARDS.match(folded, span[1]):
        return True
    before = list(_BIRTH.finditer(folded, max(0, span[0] - _REACH), span[0]))
    return bool(before) and not re.search(r"[!?\n]|\.\s", folded[before[-1].end() : span[0]])


DATE_RULES = (
    Rule(
        "birth-date",
        "Dates of birth",
        "Holds a day, month and year next to words such as born, birthday or DOB, in figures or in words.",
        birth_date,
        personal=True,
        for_physicians=True,
    ),
)


# ---- Telephone numbers: detection, in digits and in words ("oh seven seven double nine") ----

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


NUMBER_RULES = (
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
