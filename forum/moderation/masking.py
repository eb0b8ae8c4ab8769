"""Leaving parts out of a text before it is published."""

import re
from collections.abc import Iterable

LEFT_OUT = "[left out by a moderator]"
SHORTEST = 2


class Unknown(Exception):
    """Words to leave out that do not stand in the text; `words` are as they were typed."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def without(text: str, parts: Iterable[tuple[int, int]], words: Iterable[str]) -> str:
    """Return the text with LEFT_OUT in place of the parts (code points) and of every place where the words stand.

    Words are found in any case, but not inside other words. Raises Unknown for those that are nowhere.
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
        # What follows could make a link of the brackets.
        kept += " " if text[end : end + 1] in ("(", "[", ":") else ""
        position = end
    return kept + text[position:]


def is_empty(text: str) -> bool:
    """True when nothing but the marks is left to read."""
    return not any(char.isalnum() for char in text.replace(LEFT_OUT, ""))


def _pattern(words: str) -> re.Pattern[str]:
    """Find the words with any white space between them, and as whole words where they begin and end as such."""
    first = r"(?<!\w)" if words[0].isalnum() else ""
    last = r"(?!\w)" if words[-1].isalnum() else ""
    return re.compile(first + r"\s+".join(map(re.escape, words.split())) + last, re.IGNORECASE)


def _joined(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
