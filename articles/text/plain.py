"""HTML to plain text: what a reader sees of a post, of a mail that the site sends, and of one that comes in. Pure.

One visitor walks the tags; each use has a style, which says where lines begin and how quotes and links look.
"""

import re
from abc import ABC, abstractmethod
from html.parser import HTMLParser
from typing import ClassVar, Self

Attributes = list[tuple[str, str | None]]

# Block tags that a post may contain (articles.text.markup); each begins a line.
POST_BLOCKS = frozenset(("p", "br", "ul", "ol", "li", "blockquote", "pre"))

# Tags in our mail templates: blocks, inline tags, and tags that are not shown.
MAIL_BLOCKS = frozenset(("p", "blockquote", "ul", "li", "hr", "table", "tr", "td", "div", "body", "html"))
MAIL_TAGS = MAIL_BLOCKS | {"a", "bdi", "br", "strong"} | {"head", "meta", "title", "style"}

# Block tags that other mail programs may write.
FOREIGN_BLOCKS = frozenset((
    *("address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
))  # fmt: skip
FOREIGN_UNSEEN = frozenset(("head", "style", "script", "title", "noscript", "template"))
# Blocks with an empty line between them.
APART = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "pre"))
# Classes and ids of the elements in which mail programs quote the mail that is answered.
QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "divrplyfwdmsg", "appendonsend", "protonmail_quote")
MAX_DEPTH = 200
MAX_QUOTE_DEPTH = 5

# White space that HTML collapses; other kinds, such as the no-break space, are kept.
_SPACE = re.compile(r"[ \t\r\n\f]+")


def post_text(html: str, between: str = " ") -> str:
    lines = (" ".join(line.split()) for line in PostStyle.read(html).seen.split("\n"))
    return between.join(line for line in lines if line)


def post_parts(html: str) -> tuple[str, list[str]]:
    """Return the visible text, and the targets of its links."""
    style = PostStyle.read(html)
    return style.seen, style.targets


def mail_text(html: str) -> str:
    return MailStyle.read(html).text()


def foreign_text(html: str) -> str:
    return "\n".join(ForeignStyle.read(html).lines()).strip("\n")


class Style(HTMLParser, ABC):
    blocks: ClassVar[frozenset[str]]
    unseen: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._unseen_depth = 0

    @classmethod
    def read(cls, html: str) -> Self:
        style = cls()
        style.feed(html)
        style.close()
        return style

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag in self.unseen:
            self._unseen_depth += 1
        elif tag in self.blocks:
            self.begin_block(tag, attrs)
        elif tag == "br":
            self.line_break()
        elif tag == "a":
            self.begin_link(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.unseen:
            self._unseen_depth = max(0, self._unseen_depth - 1)
        elif tag in self.blocks:
            self.end_block(tag)
        elif tag == "a":
            self.end_link()

    def handle_data(self, data: str) -> None:
        if not self._unseen_depth:
            self.words(data)

    @abstractmethod
    def begin_block(self, tag: str, attrs: Attributes) -> None: ...

    @abstractmethod
    def end_block(self, tag: str) -> None: ...

    @abstractmethod
    def words(self, data: str) -> None: ...

    def line_break(self) -> None: ...

    def begin_link(self, target: str) -> None: ...

    def end_link(self) -> None: ...


class PostStyle(Style):
    blocks = POST_BLOCKS

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self.targets: list[str] = []

    @property
    def seen(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        # Links are read from every tag, so that no target with an address in it is overlooked.
        self.targets += [value for name, value in attrs if name == "href" and value]
        super().handle_starttag(tag, attrs)

    def begin_block(self, tag: str, attrs: Attributes) -> None:
        self._parts.append("\n")

    def end_block(self, tag: str) -> None:
        self._parts.append("\n")

    def words(self, data: str) -> None:
        self._parts.append(data)


class MailStyle(Style):
    """The text part of our mails: every wording is only in templates/emails/<kind>/body.html.

    It knows the few tags of our own templates (MAIL_TAGS; a test holds them to it), not anybody's HTML: what people
    wrote is escaped in there. A paragraph becomes one line, however long: mail programs wrap it to the window. An empty
    line goes between two blocks, but not within a list or after the rule.

        <p>Two words</p>                          Two words
        <a href="https://...">Open it</a>         Open it:
                                                  https://...
        <blockquote>Twice.</blockquote>           "Twice."
        <ul><li>One</li></ul>                     - One
        <hr>                                      --
    """

    blocks = MAIL_BLOCKS
    unseen = frozenset(("head",))

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[str] = []
        self._under_way = ""
        self._bullet = ""
        self._close_up: set[int] = set()
        self._href = ""
        self._label_starts = 0
        self._quote_starts = 0

    def text(self) -> str:
        self._finish_block()
        parts = []
        for number, block in enumerate(self._blocks):
            parts += ["" if number == 0 else "\n" if number in self._close_up else "\n\n", block]
        return "".join(parts) + "\n"

    def begin_block(self, tag: str, attrs: Attributes) -> None:
        self._finish_block()
        if tag == "hr":
            self._blocks.append("--")
            self._close_up.add(len(self._blocks))
        elif tag == "blockquote":
            self._quote_starts = len(self._blocks)
        elif tag == "li":
            self._bullet = "- "

    def end_block(self, tag: str) -> None:
        self._finish_block()
        if tag == "blockquote" and self._quote_starts < len(self._blocks):
            self._blocks[self._quote_starts] = '"' + self._blocks[self._quote_starts]
            self._blocks[-1] += '"'
        elif tag == "li":
            self._bullet = ""
            self._close_up.add(len(self._blocks))
        elif tag == "ul":
            self._close_up.discard(len(self._blocks))

    def words(self, data: str) -> None:
        words = _SPACE.sub(" ", data)
        if not self._under_way or self._under_way[-1] in " \n":
            words = words.lstrip(" ")
        self._under_way += words

    def line_break(self) -> None:
        self._under_way = self._under_way.rstrip(" ")
        if self._under_way and not self._under_way.endswith("\n"):
            self._under_way += "\n"

    def begin_link(self, target: str) -> None:
        self.line_break()
        self._href = target
        self._label_starts = len(self._under_way)

    def end_link(self) -> None:
        # On a line of its own, so that nothing sticks to the address.
        label = self._under_way[self._label_starts :].strip(" \n")
        if label == self._href:
            self._under_way += "\n"
            return
        self._under_way = self._under_way.rstrip(" ")
        if label and label[-1] not in ".:?!":
            self._under_way += ":"
        self._under_way += f"\n{self._href}\n" if label else f"{self._href}\n"

    def _finish_block(self) -> None:
        block = self._under_way.strip(" \n")
        self._under_way = ""
        if block:
            self._blocks.append(self._bullet + block)
            self._bullet = ""


class ForeignStyle(Style):
    blocks = FOREIGN_BLOCKS
    unseen = FOREIGN_UNSEEN

    def __init__(self) -> None:
        super().__init__()
        self._done: list[tuple[int, str]] = []
        self._line = ""
        # The open tags, and for each whether it began a quote.
        self._open: list[tuple[str, bool]] = []

    def lines(self) -> list[str]:
        self._finish_line()
        out: list[str] = []
        for depth, line in self._done:
            shown = ("> " * depth + line).rstrip()
            if line or (out and out[-1].strip("> ")):
                out.append(shown)
        return out

    @property
    def _depth(self) -> int:
        return min(sum(quotes for _tag, quotes in self._open), MAX_QUOTE_DEPTH)

    def begin_block(self, tag: str, attrs: Attributes) -> None:
        self._finish_line()
        self._set_apart(tag)
        if tag == "hr":
            return
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        quotes = tag == "blockquote" or any(mark in marks for mark in QUOTES)
        if len(self._open) < MAX_DEPTH:
            self._open.append((tag, quotes))
        if tag == "li":
            self._line = "- "

    def end_block(self, tag: str) -> None:
        self._finish_line()
        self._set_apart(tag)
        if any(opened == tag for opened, _quotes in self._open):
            while self._open.pop()[0] != tag:
                pass

    def words(self, data: str) -> None:
        words = " ".join(data.split())
        if data[:1].isspace() and self._line and not self._line.endswith(" "):
            self._line += " "
        self._line += words + (" " if words and data[-1:].isspace() else "")

    def line_break(self) -> None:
        self._finish_line(even_if_empty=True)

    def _set_apart(self, tag: str) -> None:
        if tag in APART:
            self._done.append((self._depth, ""))

    def _finish_line(self, *, even_if_empty: bool = False) -> None:
        if self._line.strip() or even_if_empty:
            self._done.append((self._depth, self._line.strip()))
        self._line = ""
