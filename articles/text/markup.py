"""Markdown rendering and sanitising: text that people type becomes safe HTML. The only file that imports bleach.

`render` takes a small part of Markdown (paragraphs, lists, quotes, emphasis, code, links) and returns HTML from a short
allow-list, with e-mail addresses masked. It runs when a text is saved; the result is stored beside the source with
VERSION. Reading a page only passes the stored HTML through `trusted`.
"""

import html
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt

from articles.text import cleaning
from articles.text.cleaning import REMOVED, find_addresses, mask
from articles.text.plain import post_parts, post_text

__all__ = [
    "MAX_LENGTH",
    "REMOVED",
    "VERSION",
    "clean",
    "find_addresses",
    "mask",
    "plain",
    "render",
    "trusted",
]

# Change it whenever the same source would give other HTML; `manage.py render_articles` then renders stored texts again.
VERSION = "1"

# Markdown and HTML parsers take quadratic time on hostile text, so text is cut before it is parsed.
MAX_LENGTH = 5_000

ALLOWED_TAGS = frozenset(("p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a", "code", "pre"))
LINK_REL = "nofollow ugc noopener"
# Rules for the tags that people may use; below them those that Markdown itself needs.
_RULES = ["blockquote", "list", "fence", "escape", "newline", "backticks", "emphasis", "link", "autolink", "linkify"]
_RULES += ["paragraph", "normalize", "block", "inline", "text", "balance_pairs", "fragments_join"]
_OPTIONS = {"html": False, "linkify": True, "breaks": True, "typographer": False, "maxNesting": 20}

# Stands for a masked address while Markdown is parsed, so that "[...]" is not taken for a link. A private-use character
# cannot come from outside: `clean` takes them out.
_MARK = "\ue000"
_HOST = re.compile(r"[^\s\x00-\x20\x7f\"'<>`\\@]{1,253}")
_local = threading.local()


def clean(source: str) -> str:
    return cleaning.clean(source[:MAX_LENGTH])


def render(source: str) -> str:
    """Return safe HTML with e-mail addresses masked, also where Markdown hides them (joe*@*example.org).

    If an address remains in the visible result, masked plain text is returned.
    """
    marked = mask(clean(source), _MARK)
    rendered = _sanitised(_markdown().render(marked)).replace(_MARK, REMOVED)
    if _shows_address(rendered):
        return _plain_paragraphs(post_text(rendered, between="\n"))
    return rendered


def trusted(stored: str) -> SafeString:
    """Call it only for HTML that `render` made and the database kept."""
    return mark_safe(stored)  # noqa: S308 - the one place; render() made it


def plain(source: str) -> str:
    return post_text(render(source))


class _MarkedLinks(Filter):
    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] == "StartTag" and token["name"] == "a":
                token["data"][(None, "rel")] = LINK_REL
            yield token


def _allowed_link(target: str) -> bool:
    if len(target) > 2_000 or _MARK in unquote(target):
        return False
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
        _ = parts.port  # raises ValueError for an invalid port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not target.lower().startswith(("http://", "https://")):
        return False
    return "@" not in parts.netloc and _HOST.fullmatch(host) is not None and not find_addresses(target)


def _allowed_attribute(tag: str, name: str, value: str) -> bool:
    return tag == "a" and name == "href" and _allowed_link(html.unescape(value))


def _markdown() -> MarkdownIt:
    """linkify keeps state between calls, so threads must not share a parser."""
    parser = getattr(_local, "markdown", None)
    if parser is None:
        parser = _local.markdown = _new_markdown()
    return parser


def _new_markdown() -> MarkdownIt:
    parser = MarkdownIt("zero", _OPTIONS)
    parser.enable(_RULES, ignoreInvalid=False)
    parser.linkify = LinkifyIt(options={"fuzzy_email": False, "fuzzy_link": False, "fuzzy_ip": False})
    parser.linkify.add("ftp:", None).add("//", None).add("mailto:", None)
    normalised = parser.normalizeLink
    # The mark is left as it is, so that the check below sees it instead of its punycode.
    parser.normalizeLink = lambda url: url if _MARK in url else normalised(url)  # type: ignore[method-assign] # its documented hook
    parser.validateLink = _allowed_link  # type: ignore[method-assign,assignment] # the parser's documented hook, too
    return parser


def _sanitised(unsafe: str) -> str:
    """Characters are cleaned again, because link targets may have carried entities.

    A new Cleaner is made each time, since it is not safe to share between threads.
    """
    cleaner = Cleaner(
        tags=ALLOWED_TAGS,
        attributes=_allowed_attribute,
        protocols=frozenset(("http", "https")),
        strip=True,
        strip_comments=True,
        filters=[_MarkedLinks],
    )
    kept = cleaning.clean(unsafe.replace(_MARK, REMOVED))
    return str(cleaner.clean(kept)).strip()


def _shows_address(rendered: str) -> bool:
    seen, targets = post_parts(rendered)
    return bool(find_addresses(seen)) or any(find_addresses(target) for target in targets)


def _plain_paragraphs(text: str) -> str:
    masked = mask(text)
    paragraphs = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in masked.split("\n") if line.strip())
    return f"<p>{REMOVED}</p>" if _shows_address(paragraphs) else paragraphs
