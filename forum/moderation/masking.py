"""Removal of parts of a text before publication."""

import re
from collections.abc import Iterable

LEFT_OUT = "[left out by a moderator]"
MIN_LENGTH = 2


class Unknown(Exception):
    """Words to remove that are not in the text; `words` are as typed."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def without(text: str, parts: Iterable[tuple[int, int]], words: Iterable[str]) -> str:
    """Return the text with LEFT_OUT in place of the parts (code points) and of every occurrence of the words.

    Words match in any case, but not inside other words. Raises Unknown for words that do not occur.
    """
    found = list(parts)
    for wanted in words:
        places = [match.span() for match in _pattern(wanted).finditer(text)]
        if not places:
            raise Unknown(wanted)
        found += places
    kept, position = "", 0
    for start, end in _joined(found):
        kept += text[position:start] + LEFT_OUT
        # Markdown would turn the brackets into a link with what follows.
        kept += " " if text[end : end + 1] in ("(", "[", ":") else ""
        position = end
    return kept + text[position:]


def is_empty(text: str) -> bool:
    return not any(char.isalnum() for char in text.replace(LEFT_OUT, ""))


def _pattern(words: str) -> re.Pattern[str]:
    first = r"(?<!\w)" if words[0].isalnum() else ""
    last = r"(?!\w)" if words[-1].isalnum() else ""
    return re.compile(first + r"\s+".join(map(re.escape, words.split())) + last, re.IGNORECASE)


def _joined(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
