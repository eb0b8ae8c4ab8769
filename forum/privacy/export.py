"""Export of personal data (right of access): a zip with data.json and index.html.

It holds nothing about anybody else: no other person's name, title or text, and no internal notes of moderators.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from forum.privacy import export_account, export_posts
from forum.privacy.subject import Subject

FILE_NAME = "my-data.zip"


@dataclass(frozen=True)
class Item:
    name: str
    text: str = ""
    rows: "list[list[Item]]" = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    title: str
    rows: list[list[Item]]


def archive(subject: Subject) -> bytes:
    # Made in memory, so that no temporary file can be left behind.
    data = collect(subject)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(data, indent=2, ensure_ascii=False, default=_plain))
        packed.writestr("index.html", page(data))
    return made.getvalue()


def collect(subject: Subject) -> dict[str, Any]:
    # Empty sections stay: they show that nothing is stored.
    return {
        "site": {"name": settings.SITE_NAME, "url": settings.SITE_URL, "made_at": timezone.now()},
        **export_account.sections(subject),
        **export_posts.sections(subject),
    }


def page(data: dict[str, Any]) -> str:
    parts = [Part(_title(name), _rows(found)) for name, found in data.items() if isinstance(found, list)]
    return render_to_string("shared/data_export.html", {"site": data["site"], "parts": parts})


def _rows(found: list[dict[str, Any]]) -> list[list[Item]]:
    return [[_item(name, value) for name, value in row.items()] for row in found]


def _item(name: str, value: Any) -> Item:
    if isinstance(value, list):
        return Item(_title(name), rows=_rows(value))
    return Item(_title(name), text=_say(value))


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _say(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%-d %B %Y, %H:%M} UTC"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    return "" if value is None else str(value)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
