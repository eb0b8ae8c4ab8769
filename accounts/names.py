"""What may stand as a person's public name, and taking names out of texts that stay."""

import re
import unicodedata
from collections.abc import Iterable

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


class Names:
    """What one person is called; longer names first, so that “Dr Ada Lang” does not leave its “Dr” behind."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
        spelled = "|".join(r"\s+".join(map(re.escape, name.split())) for name in self.names)
        self._pattern = re.compile(rf"(?<!\w)(?:{spelled})(?!\w)", re.IGNORECASE) if spelled else None

    def stand_in(self, text: str) -> bool:
        """True when one of the names stands in the text as whole words, whatever their case."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def replaced(self, text: str, by: str, *, most: int | None = None) -> str:
        """Return the text with `by` in place of each name, cut to `most` characters."""
        changed = self._pattern.sub(lambda _found: by, text) if self._pattern else text
        return changed if most is None else changed[:most]
