"""How a line of the log says what else was changed: pairs of before and after, in words, addresses masked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from articles.text.markup import mask
from forum.models import LogEntry, WaitingFor

NOTHING = "nothing"
LONGEST = 200
NAMES = {
    "is_urgent": "urgent",
    "waiting_for": "waits for",
    "ends_at": "until",
    "superseded_by": "newer answer",
    "by_mail_link": "by the link in a mail",
}


@dataclass(frozen=True)
class Change:
    """One thing that changed; `before` is empty where only the present value is known."""

    name: str
    before: str
    after: str


def changes(entry: LogEntry) -> list[Change]:
    """Return what the entry's details say, as people would say it."""
    found = []
    for name, value in entry.details.items():
        if isinstance(value, list) and len(value) == 2:
            found += list(_between(name, *value))
        else:
            found.append(Change(_name(name), "", in_words(value)))
    return found


def _between(name: str, before: Any, after: Any) -> Iterator[Change]:
    """Yield the changes between two values; of two tables only the cells that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield from _between(f"{name}, {_name(key)}", before.get(key), after.get(key))
    else:
        yield Change(_name(name), in_words(before), in_words(after))


def _name(name: str) -> str:
    return NAMES.get(name, name.replace("_", " "))


def in_words(value: Any) -> str:
    """Return a stored value in words, cut short, with addresses masked."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(in_words(part) for part in value)
    elif isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    else:
        text = str(dict(WaitingFor.choices).get(value, value))
    text = mask(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
