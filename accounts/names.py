"""What may stand as a person's public name."""

import re
import unicodedata

from django.core.exceptions import ValidationError

MAX_NAME = 80
_LOOKS_LIKE_ADDRESS = re.compile(
    r"\S[@\uff20\ufe6b]\S|\b(?:at|\[at\]|\(at\))\b.+\b(?:dot|\[dot\]|\(dot\))\b", re.IGNORECASE
)
_LINK = re.compile(r"https?:|www\.|://", re.IGNORECASE)
# Letters of every script, marks, spaces and what stands in names; also the joiners that Persian and Indic names need.
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}


def clean_name(value: str) -> str:
    """Return the name in NFC with single spaces."""
    return re.sub(r" +", " ", unicodedata.normalize("NFC", value).strip())


def validate_name(value: str) -> None:
    """Refuse names that would break a mail header, show an address or hide their own direction."""
    if any(unicodedata.category(char) in _FORBIDDEN_CATEGORIES and char not in _JOINERS for char in value):
        raise ValidationError("Write the name on one line, without special control characters.", code="control")
    if _LOOKS_LIKE_ADDRESS.search(value):
        raise ValidationError(
            "This looks like an e-mail address. Everybody can see the name, so please write another one.",
            code="address",
        )
    if _LINK.search(value):
        raise ValidationError("Please leave web addresses out of the name.", code="link")
    if not any(unicodedata.category(char)[0] in "LN" for char in value):
        raise ValidationError("Write at least one letter.", code="empty")
