"""Stored HTML: rendering a row's sources, the only place that writes it."""

from typing import ClassVar, Protocol

from articles.text import markup


class HasSources(Protocol):
    RENDERED: ClassVar[dict[str, str]]
    html_version: str


def fill(row: HasSources) -> None:
    for source, target in row.RENDERED.items():
        setattr(row, target, markup.render(getattr(row, source)))
    row.html_version = markup.VERSION


def fill_if_stale(row: HasSources) -> bool:
    if row.html_version == markup.VERSION:
        return False
    fill(row)
    return True
