"""E-mail addresses and home addresses in a text."""

import re

from forum.rules.base import Facts, Match, Options, Rule, Span, matches
from forum.rules.text import addresses, fold

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


RULES = (
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
