"""Stored fields of a post's text: source, HTML, title, digest and fingerprint."""

from typing import Any

from articles.text import markup
from forum import rules


def fields_of(text: str) -> dict[str, Any]:
    """Return the columns of Post that depend on its text. Slow: call it before a transaction begins."""
    html = markup.render(text)
    return {
        "source": text,
        "html": html,
        "html_version": markup.VERSION,
        "title": title_of(markup.text_of(html)),
        "digest": rules.digest(text),
        "fingerprint": rules.fingerprint(text),
    }


def title_of(visible: str) -> str:
    """Return the first sentence as a title of at most 100 characters, cut at a word."""
    visible = visible or "…"
    for end in ("?", "!", "."):
        first, found, _rest = visible.partition(end + " ")
        if found and 20 <= len(first) < 100:
            return first + end
    if len(visible) <= 100:
        return visible
    return visible[:99].rsplit(" ", 1)[0].rstrip(" .,;:?!") + "…"
