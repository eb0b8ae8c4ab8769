"""Rules: pure functions (text, facts) -> Match or None. Any match holds the post for a moderator.

A rule that raises holds the post too: nothing is ever published because a check failed (DESIGN 3).
"""

import hashlib
import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher

from articles.markup import find_addresses

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Facts:
    """What is known about the author and the moment; gathered by posting, so that rules ask no database."""

    policy: str = "hold-all"
    is_guest: bool = True
    is_confirmed: bool = False
    is_physician: bool = False
    published_before: int = 0
    same_text_before: int = 0


@dataclass(frozen=True)
class Match:
    """Why a post is held: the rule, a sentence for moderators, and where in the text it matched (code points)."""

    rule: str
    sentence: str
    start: int | None = None
    end: int | None = None


Rule = Callable[[str, Facts], Match | None]


def every_post(_text: str, facts: Facts) -> Match | None:
    """Hold everything while that is the site's policy."""
    if facts.policy == "hold-all":
        return Match("every-post", "This site reads every post before it is published.")
    return None


def new_author(_text: str, facts: Facts) -> Match | None:
    """Hold guests, and members of whom nothing has been published yet."""
    if facts.is_guest:
        return Match("guest", "Written by a guest, without an account.")
    if not facts.published_before:
        return Match("first-post", "The first post of this member.")
    return None


def unconfirmed(_text: str, facts: Facts) -> Match | None:
    """Say that nobody has shown yet that the address is theirs."""
    if not facts.is_confirmed:
        return Match("unconfirmed", "The author has not confirmed the e-mail address.")
    return None


_LINK = re.compile(
    r"(?:https?://|www\.)\S{1,200}|(?<![\w@.])[\w-]{2,63}\.(?:com|net|org|info|biz|shop|ru|cn|io|co|de|uk|eu)\b(?![\w@])",
    re.IGNORECASE,
)


def links(text: str, _facts: Facts) -> Match | None:
    """Hold web addresses, also bare domains."""
    found = _LINK.search(text)
    return Match("link", "Contains a web address.", *found.span()) if found else None


def address(text: str, _facts: Facts) -> Match | None:
    """Hold e-mail addresses, also written out in words; they are masked before publication in any case."""
    spans = find_addresses(text)
    return Match("address", "Contains an e-mail address.", *spans[0]) if spans else None


def phone(text: str, _facts: Facts) -> Match | None:
    """Hold telephone numbers in international form, or in the form of the largest countries of our readers."""
    if sum(char.isdigit() for char in text) < 7:
        return None
    for region in ("US", "GB", "DE"):
        for found in PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=20):
            return Match("phone", "Contains a telephone number.", found.start, found.end)
    return None


def repeat(_text: str, facts: Facts) -> Match | None:
    """Hold a text that was sent before, by whomever."""
    if facts.same_text_before:
        return Match("repeat", "The same text was sent before.")
    return None


RULES: list[Rule] = [every_post, new_author, unconfirmed, links, address, phone, repeat]
# A verified physician's reply needs no approval, but personal data is caught all the same.
RULES_FOR_PHYSICIANS: list[Rule] = [address, phone, repeat]


def judge(text: str, facts: Facts) -> list[Match]:
    """Return every reason to hold the text; an empty list means it may be published at once."""
    rules = RULES_FOR_PHYSICIANS if facts.is_physician else RULES
    return [match for rule in rules if (match := _ask(rule, text, facts))]


def _ask(rule: Rule, text: str, facts: Facts) -> Match | None:
    try:
        return rule(text, facts)
    except Exception as error:  # any failure whatever must hold the post, not publish it
        log.error("rule_failed", extra={"rule": rule.__name__, "error": type(error).__name__})
        return Match("broken-rule", f"The check “{rule.__name__.replace('_', ' ')}” failed, so please look closely.")


def digest(text: str) -> str:
    """Return a hash of the text's letters and digits alone, so that a changed comma does not hide a repeat."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return hashlib.sha256("".join(char for char in folded if char.isalnum()).encode()).hexdigest()
