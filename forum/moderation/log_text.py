"""Descriptions of changes in the moderation log: values before and after, in words, with addresses masked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from articles.text.markup import mask
from forum.models import LogEntry, WaitingFor

NOTHING = "nothing"
MAX_LENGTH = 200
NAMES = {
    "is_urgent": "urgent",
    "waiting_for": "waits for",
    "ends_at": "until",
    "superseded_by": "newer answer",
    "by_mail_link": "by the link in an e-mail",
}


@dataclass(frozen=True)
class Change:
    name: str
    before: str
    after: str


def changes(entry: LogEntry) -> list[Change]:
    found = []
    for name, value in entry.details.items():
        if isinstance(value, list) and len(value) == 2:
            found += list(_between(name, *value))
        else:
            found.append(Change(_name(name), "", in_words(value)))
    return found


def _between(name: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield from _between(f"{name}, {_name(key)}", before.get(key), after.get(key))
    else:
        yield Change(_name(name), in_words(before), in_words(after))


def _name(name: str) -> str:
    return NAMES.get(name, name.replace("_", " "))


def in_words(value: Any) -> str:
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
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"
