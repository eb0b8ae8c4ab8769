"""Text of a reply as it may be published: no line of the site's mail, no quote, no sign-off, no address. Pure."""

import re

from django.conf import settings

from articles.text import cleaning
from articles.text.markup import mask
from forum.inbound import flowed
from forum.inbound.quoting import marks, trim

_CLOSING = re.compile(
    r"(?:(?:kind|best|warm|many|with|my|all|and|mit|freundlichen?|viele|beste|liebe|schöne|herzliche|un|bien|avec|"
    r"met|vriendelijke|hartelijke|med|vänliga?|venlig|con|um|a|the|in|your|yours|very|so|much|vielen|lieben|"
    r"thank you|thanks|thx|danke|merci|gracias|grazie|bedankt|tack|regards|wishes|greetings|best|love|cheers|"
    r"sincerely|faithfully|truly|advance|again|grüßen?|grüssen?|gruß|gruss|lg|mfg|vg|dank|cordialement|amitiés|"
    r"salutations|saludos|abrazo|saluti|groeten?|groet|hälsningar|hilsen|pozdrawiam|kindly|respectfully)"
    r"[ ,.!&]*){1,6}$",
    re.IGNORECASE,
)
MAX_LINES_BELOW = 6
MAX_LENGTH_BELOW = 60


def words_of(text: str, *, wrapped: bool = False) -> str:
    """Return the person's own words; `wrapped` means that a program has broken the lines.

    Quotes between which the person answers are kept: without them the answers would make no sense.
    """
    lines = trim.trim(cleaning.clean(text)).split("\n")
    words = "\n".join(_without_sign_off(_without_quote_above(_without_our_words(lines))))
    return mask(flowed.rejoined(words) if wrapped else words).rstrip().lstrip("\n")


def _without_our_words(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if not _is_ours(line):
            kept.append(line)
        elif not marks.is_quoted(line):
            break
    return kept


def _is_ours(line: str) -> bool:
    private = any(f"{settings.SITE_URL}/{page}/" in line for page in PRIVATE_PAGES)
    to_us = settings.INBOUND.is_on and f"@{settings.INBOUND.domain}" in line.lower()
    return private or to_us or line.lstrip("> ").startswith("You get this because")


def _without_quote_above(lines: list[str]) -> list[str]:
    own = next((at for at, line in enumerate(lines) if not marks.is_quoted(line) and not marks.is_empty(line)), 0)
    return lines if any(marks.is_quoted(line) for line in lines[own:]) else lines[own:]


# Pages whose URL holds one person's token: such a link must not be published.
PRIVATE_PAGES = ("p", "confirm", "unsubscribe", "mail-choices", "reports", "your-data", "erasure", "moderation")


def _without_sign_off(lines: list[str]) -> list[str]:
    for at in range(len(lines) - 1, 0, -1):
        if not _CLOSING.match(lines[at].strip()[: marks.MAX_LINE_LENGTH]) or not lines[at].strip():
            continue
        below = [line.strip() for line in lines[at + 1 :] if line.strip()]
        if 0 < len(below) <= MAX_LINES_BELOW and all(map(_may_be_of_a_signature, below)):
            return lines[:at]
    return lines


def _may_be_of_a_signature(line: str) -> bool:
    return len(line) <= MAX_LENGTH_BELOW and not line.endswith((".", "?", "!", "…", ":", ","))
