"""Public names of people: normal form, validation, comparison, and replacement in texts."""

import re
import unicodedata
from collections.abc import Iterable

from django.core.exceptions import ValidationError

MAX_NAME = 80
_LOOKS_LIKE_ADDRESS = re.compile(
    r"\S[@\uff20\ufe6b]\S|\b(?:at|\[at\]|\(at\))\b.+\b(?:dot|\[dot\]|\(dot\))\b", re.IGNORECASE
)
_LINK = re.compile(r"https?:|www\.|://", re.IGNORECASE)
# Control, format and unassigned characters; the zero-width joiners are allowed, Persian and Indic names need them.
_FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}
_TITLES = re.compile(r"^(?:(?:dr|doctor|prof|professor|med)\s+)+")


def clean_name(value: str) -> str:
    return re.sub(r" +", " ", unicodedata.normalize("NFC", value).strip())


def validate_name(value: str) -> None:
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


def folded(name: str) -> str:
    """Return the name without case, accents, punctuation, spaces and titles, as a hasty reader sees it."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^\w\s]", " ", "".join(char for char in plain if not unicodedata.combining(char)))
    return re.sub(r"[\s_]+", "", _TITLES.sub("", words.strip()))


class Names:
    """Names of one person, longest first: otherwise replacing “Ada Lang” would leave the “Dr” of “Dr Ada Lang”."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
        spelled = "|".join(r"\s+".join(map(re.escape, name.split())) for name in self.names)
        self._pattern = re.compile(rf"(?<!\w)(?:{spelled})(?!\w)", re.IGNORECASE) if spelled else None

    def are_in(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def replaced(self, text: str, by: str, *, max_length: int | None = None) -> str:
        changed = self._pattern.sub(lambda _found: by, text) if self._pattern else text
        return changed if max_length is None else changed[:max_length]
