"""Taking a person's names out of texts that stay: as whole words, whatever their case."""

import re
from collections.abc import Iterable

from accounts.models import FORMER_READER


class Names:
    """The names of one person; longer ones first, so that “Dr Ada Lang” is not left as “Dr A former reader”."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted({name for name in names if name.strip()}, key=lambda name: (-len(name), name))
        spelled = "|".join(r"\s+".join(map(re.escape, name.split())) for name in self.names)
        self._pattern = re.compile(rf"(?<!\w)(?:{spelled})(?!\w)", re.IGNORECASE) if spelled else None

    def stand_in(self, text: str) -> bool:
        """True when one of the names stands in the text."""
        return self._pattern is not None and self._pattern.search(text) is not None

    def replaced(self, text: str, *, most: int | None = None) -> str:
        """Return the text with each name replaced, cut to `most` characters."""
        changed = self._pattern.sub(FORMER_READER, text) if self._pattern else text
        return changed if most is None else changed[:most]
