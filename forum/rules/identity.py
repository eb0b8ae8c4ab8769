"""Identity of people: e-mail addresses, home addresses, and names beside an illness."""

import re

from forum.rules.base import Facts, Match, Options, Rule, Span, matches
from forum.rules.text import addresses, fold, sentences

# ---- E-mail addresses and home addresses ----

_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|close|drive|court|ct|crescent|terrace|gardens|square|boulevard|blvd|row|"
    r"grove|mews|place|way|hill|parade|circle)"
)
# As people write their own: with capitals; in lower case only after words that say so.
_NUMBER_AND_STREET = re.compile(
    rf"\b\d{{1,5}}[a-zA-Z]?,?\s(?:[A-Z][\w'’]{{1,20}}\s){{1,3}}(?i:{_STREET})\b(?!\s?\d)"
    r"|\b[A-ZÄÖÜ][\wäöüß]{2,25}(?:straße|strasse|str\.|gasse|weg|allee|platz)\s\d{1,4}\s?[a-z]?\b"
)
_SAID = re.compile(
    rf"\b(?:live at|lives at|living at|address is|house is|post it to|send it to|we are at|i am at)\s(?:number\s)?"
    rf"(?P<at>\d{{1,5}}[a-z]?,?\s(?:[\w']{{1,20}}\s){{1,3}}{_STREET}\b)"
)
_UK_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2}|GIR 0AA)\b")
_SAID_POSTCODE = re.compile(r"\bpost\s?code\b[^.!?\n]{0,12}\b(?P<at>[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})\b")
_US_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    r"W[AIVY])"
)
_US_ZIP = re.compile(rf"\b{_US_STATE},?\s\d{{5}}(?:-\d{{4}})?\b")
_BOX = re.compile(r"\bp\.?\s?o\.?\s?box\s\d{2,6}\b")

HOME = "Seems to say where somebody lives."
HOME_FOR_AUTHOR = "where somebody lives; the town is enough"
MAIL = "Contains an e-mail address."
MAIL_FOR_AUTHOR = "an e-mail address; it is taken out before anybody reads your text"


def address(text: str, _facts: Facts, _options: Options) -> list[Match]:
    """E-mail addresses are masked before publication even when this rule is off."""
    return matches("address", MAIL, addresses(text), for_author=MAIL_FOR_AUTHOR)


def home_address(text: str, _facts: Facts, _options: Options) -> list[Match]:
    spans: list[Span] = [m.span() for p in (_NUMBER_AND_STREET, _UK_POSTCODE, _US_ZIP) for m in p.finditer(text)]
    folded = fold(text)
    spans += [m.span("at") for pattern in (_SAID, _SAID_POSTCODE) for m in pattern.finditer(folded)]
    spans += [m.span() for m in _BOX.finditer(folded)]
    return matches("home-address", HOME, spans, for_author=HOME_FOR_AUTHOR)


ADDRESS_RULES = (
    Rule(
        "address",
        "E-mail addresses",
        "Holds e-mail addresses, also written as “name at example dot com”. They are masked before publication even "
        "when this is switched off.",
        address,
        personal=True,
        for_physicians=True,
    ),
    Rule(
        "home-address",
        "Home addresses",
        "Holds a street with a house number, a whole postcode, or a post box.",
        home_address,
        personal=True,
        for_physicians=True,
    ),
)


# ---- Names beside an illness ----


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_RELATION = (
    r"(?:brother|sister|mother|mum|mom|father|dad|son|daughter|wife|husband|partner|uncle|aunt|auntie|cousin|niece|nephew|"
    r"grand(?:mother|father|son|daughter|ma|pa|child)|friend|neighbour|neighbor|colleague|boss|teacher|boyfriend|"
    r"girlfriend|fiancé|fiancée|patient|coworker|landlord|twin)"
)
# Ordinary words after "my brother", which are not his name.
_NOT_A_NAME = _listed(
    "who that which also never probably too still has had have is was just always now and or but in law on at of from "
    "with himself herself already only really later then often sometimes there here once apparently recently finally "
    "maybe even both does did would will can could may might must should ever actually suddenly side family doctor "
    "doctors the a an to for as so his her their my our who's whose says said thinks thought told since because when"
)
_DIAGNOSIS = (
    r"(?:hsp|spg\s?-?\d{1,2}[a-z]?|spastic para(?:plegia|paresis)|paraplegia|ms|multiple sclerosis|pls|als|mnd|"
    r"(?:primary|amyotrophic) lateral sclerosis|motor neurone? disease|cerebral palsy|ataxia|bipolar|dementia|"
    r"alzheimer'?s|parkinson'?s|epilepsy|cancer|depression|schizophrenia|hiv|diabetes|adrenoleukodystrophy|aln|a?mn)"
)
_LINK = (
    r"(?:has|have|had|got|gets|was|is|suffers?|suffered|suffering|lives? with|living with|carries|received|developed)"
)
# Words allowed between "has" and the diagnosis; a clinic "for" it or research "on" it is not a diagnosis.
_NEXT = re.compile(rf"\W{{1,3}}(?:[\w'\-]{{1,20}}\W{{1,3}}){{0,4}}?{_LINK}\b(?P<rest>[^.!?\n]{{0,70}})")
_FOUND = re.compile(rf"\b{_DIAGNOSIS}\b")
_ABOUT = re.compile(
    r"\b(?:for|about|clinics?|research|trials?|stud(?:y|ies)|described|explained|treats?|specialists?)\b"
)
_RELATIVE = re.compile(
    rf"\b(?i:{_RELATION})\b,?\s(?:(?:named|called)\s)?(?P<name>[^\W\d_]{{2,20}}(?:\s[A-Z][^\W\d_]{{1,20}}){{0,2}})"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mister)\b\.?\s(?P<name>[A-Z][\w'’\-]{1,20})")
# "Sarah from my class": a first name is enough where it says which Sarah.
_PLACED = re.compile(r"\b(?P<name>[A-Z][a-zà-öø-ÿ]{2,20})(?=\s(?:from|in|at)\s(?:my|our|the)\s\w)")
_ANYBODY = _listed(
    "someone somebody anyone anybody everyone everybody nobody people person man woman boy girl most many some several "
    "few all none half one two three four five six others another each every both patients children families members "
    "doctors only even maybe perhaps there here something"
)
_CAPITALS = re.compile(r"\b[A-Z][a-zà-öø-ÿ'’]{1,20}(?:\s[A-Z][a-zà-öø-ÿ'’]{1,20}){1,4}\b")
_ORDINARY = _listed(
    "hereditary spastic paraplegia multiple sclerosis primary lateral cerebral palsy my our his her their the a an "
    "this that has have had is was does did do are were can could will would should when where why how what who which "
    "if in on at and but or not no yes since after before also mr mrs ms miss dr prof professor doctor sir nurse "
    "great britain united kingdom states america new zealand york south north east west northern southern ireland "
    "wales scotland england germany royal national queen king hospital clinic society university foundation institute "
    "centre center college school association trust service group saint san los las st de modified ashworth scale "
    "know january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday i you he she we they it health care research trial study european "
    "american british irish hong kong"
)
_PROFESSION = re.compile(r"\b(?:dr|prof|professor|doctor|nurse|sir)\.?\s{1,2}$")

NAMED = "Seems to name another person beside a diagnosis."
NAMED_FOR_AUTHOR = "another person’s name beside an illness; a relation such as “my brother” is enough"


def named_diagnosis(text: str, _facts: Facts, _options: Options) -> list[Match]:
    """A relation ("my brother"), a doctor's name and an eponym are not held."""
    spans: list[Span] = []
    for start, end in sentences(text):
        folded = fold(text)[start:end]
        if len(spans) < 20 and _FOUND.search(folded):
            spans += [(start + first, start + last) for first, last in _in_sentence(text[start:end], folded)]
    return matches("named-diagnosis", NAMED, spans, for_author=NAMED_FOR_AUTHOR)


def _in_sentence(typed: str, folded: str) -> list[Span]:
    names = [found.span("name") for found in _TITLED.finditer(typed)]
    names += [span for found in _RELATIVE.finditer(typed) if (span := _relative(typed, found)) is not None]
    names += [found.span("name") for found in _PLACED.finditer(typed) if _is_a_name(found.group("name"))]
    names += [span for found in _CAPITALS.finditer(typed) if (span := _full_name(found)) is not None]
    return [span for span in names[:40] if _is_ill(folded, span)]


def _is_a_name(word: str) -> bool:
    return word.lower() not in _ANYBODY | _ORDINARY | _NOT_A_NAME


def _relative(typed: str, found: re.Match[str]) -> Span | None:
    """Return the span of the name after "my brother"; a name in lower case counts only directly before a verb."""
    start, end = found.span("name")
    first = found.group("name").split()[0]
    if first.lower() in _NOT_A_NAME:
        return None
    if first[0].isupper():
        return start, end
    if first in _ORDINARY or first.endswith("ly"):
        return None
    end = start + len(first)
    return (start, end) if re.match(rf"\s{_LINK}\b", typed[end : end + 30]) and first not in ("hsp", "ms") else None


def _full_name(found: re.Match[str]) -> Span | None:
    """Return the span of two or more capitalised words in a row that are not ordinary words."""
    if _PROFESSION.search(found.string[max(0, found.start() - 12) : found.start()].lower()):
        return None
    parts = list(re.finditer(r"\S+", found.group()))
    if any(word.group().lower() in ("dr", "prof", "professor", "doctor") for word in parts):
        return None
    while parts and parts[0].group().lower() in _ORDINARY:
        parts.pop(0)
    if len(parts) < 2 or any(word.group().lower() in _ORDINARY for word in parts):
        return None
    return found.start() + parts[0].start(), found.start() + parts[-1].end()


def _is_ill(folded: str, name: Span) -> bool:
    following = _NEXT.match(folded, name[1])
    if following is None:
        return False
    ill = _FOUND.search(following.group("rest"))
    return ill is not None and not _ABOUT.search(following.group("rest")[: ill.start()])


NAME_RULES = (
    Rule(
        "named-diagnosis",
        "Another person’s name beside an illness",
        "Holds a text that says which illness a named person has. Relations without a name, doctors and people after "
        "whom a disease is called are left alone.",
        named_diagnosis,
        personal=True,
        for_physicians=True,
    ),
)
