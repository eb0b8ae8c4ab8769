"""Content files: the keys and types that are allowed, and error messages that name file and key."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from articles.text.cleaning import find_addresses

Table = dict[str, Any]


class ContentError(Exception):
    def __init__(self, path: Path, key: str, problem: str) -> None:
        super().__init__(f"{path.name}: {key}: {problem}" if key else f"{path.name}: {problem}")


@dataclass(frozen=True)
class Key:
    """A plain `kind`, one table (`shape`), or a list of tables (`shape` and `many`)."""

    kind: type = str
    required: bool = False
    shape: "dict[str, Key] | None" = None
    many: bool = False


KINDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", datetime: "a date and time"}
TEXT, NEEDED = Key(), Key(required=True)
NUMBER, COUNT = Key(int), Key(int, required=True)

FLOW: dict[str, Key] = {"count": COUNT, "label": NEEDED}
FLOW["steps"] = Key(shape=FLOW, many=True)  # nested to any depth
SECTION = {"label": NEEDED, "body": NEEDED}
COMPARISON = dict.fromkeys(("measure", "a_printed", "b_printed"), NEEDED)
COMPARISON |= dict.fromkeys(("note", "p_value", "a_mean", "a_sd", "b_mean", "b_sd"), TEXT)
COMPARISON["charted"] = Key(bool)
STUDY = dict.fromkeys(("anchor", "title", "paper_title"), NEEDED)
STUDY |= dict.fromkeys(("summary", "who", "group_a", "group_b", "journal", "published_on", "volume"), TEXT)
STUDY |= dict.fromkeys(("issue", "pages", "doi", "epub_date"), TEXT)
STUDY |= {
    "sample_size": NUMBER,
    "year": NUMBER,
    "sections": Key(shape=SECTION, many=True, required=True),
    "comparisons": Key(shape=COMPARISON, many=True),
    "commentaries": Key(shape={"speaker": NEEDED, "about_speaker": TEXT, "quote": NEEDED}, many=True),
    "flow": Key(shape=FLOW, many=True),
    "affiliations": Key(shape={"mark": NEEDED, "name": NEEDED}, many=True),
    "authors": Key(shape={"name": NEEDED, "affiliations": Key(list)}, many=True),
}
ARTICLE = {
    "slug": NEEDED,
    "title": NEEDED,
    "standfirst": TEXT,
    "in_short": TEXT,
    "introduction": TEXT,
    "status": TEXT,
    "published_at": Key(datetime),
    "safety_notice": TEXT,
    "notice": Key(shape={"key": NEEDED, "title": NEEDED, "body": NEEDED}),
    "studies": Key(shape=STUDY, many=True, required=True),
}


def read_content(path: Path) -> Table:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ContentError(path, "", f"cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContentError(path, "", f"is not valid TOML ({error})") from error
    _check_table(path, "", content, ARTICLE)
    return content


def _check_table(path: Path, at: str, table: Table, shape: dict[str, Key]) -> None:
    for name in table:
        if name not in shape:
            raise ContentError(path, _join(at, name), f"unknown key; known here: {', '.join(sorted(shape))}")
    for name, key in shape.items():
        if name in table:
            _check_value(path, _join(at, name), table[name], key)
        elif key.required:
            raise ContentError(path, _join(at, name), "is missing")


def _check_value(path: Path, at: str, value: Any, key: Key) -> None:
    if key.shape is None:
        _check_plain(path, at, value, key)
    elif key.many:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ContentError(path, at, "must be a list of tables, each begun with [[...]]")
        for number, item in enumerate(value, start=1):
            _check_table(path, f"{at}[{number}]", item, key.shape)
    elif isinstance(value, dict):
        _check_table(path, at, value, key.shape)
    else:
        raise ContentError(path, at, "must be a table, begun with [...]")


def _check_plain(path: Path, at: str, value: Any, key: Key) -> None:
    if not isinstance(value, key.kind) or (isinstance(value, bool) and key.kind is int):
        raise ContentError(path, at, f"must be {KINDS[key.kind]}")
    if isinstance(value, int) and value < 0:
        raise ContentError(path, at, "must not be negative")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ContentError(path, at, "needs a time zone, for example 2026-03-01T12:00:00Z")
    if isinstance(value, str):
        _check_text(path, at, value, key)


def _check_text(path: Path, at: str, value: str, key: Key) -> None:
    if key.required and not value.strip():
        raise ContentError(path, at, "is empty")
    if find_addresses(value) or "[email" in value:
        raise ContentError(path, at, "holds an e-mail address, or what a website put in its place; leave it out")


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
