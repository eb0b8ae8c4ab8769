"""The one place where stored HTML is made from its source."""

from typing import ClassVar, Protocol

from articles.text import markup


class HasSources(Protocol):
    """A row with the fields that RENDERED names: source -> HTML."""

    RENDERED: ClassVar[dict[str, str]]
    html_version: str


def fill(row: HasSources) -> None:
    """Render each source of the row into the HTML field beside it, and note with which version."""
    for source, target in row.RENDERED.items():
        setattr(row, target, markup.render(getattr(row, source)))
    row.html_version = markup.VERSION


def fill_if_stale(row: HasSources) -> bool:
    """Render again only what an older version made. Returns whether anything was done."""
    if row.html_version == markup.VERSION:
        return False
    fill(row)
    return True
