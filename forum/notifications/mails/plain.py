"""A mail's text part, from its HTML: every wording stands once, in templates/emails/<kind>/body.html.

Reads the few tags that our own templates are made of (KNOWN; a test holds them to it), not anybody's HTML: what people
wrote is escaped in there. A paragraph becomes one line, however long: mail programs wrap it to the window.

    <p>Two words</p>                          Two words
    <a href="https://...">Open it</a>         Open it:
                                              https://...
    <blockquote>Twice.</blockquote>           "Twice."
    <ul><li>One</li></ul>                     - One
    <hr>                                      --
"""

import re
from html.parser import HTMLParser

# What stands on lines of its own, and what stands within a line.
BLOCKS = frozenset({"p", "blockquote", "ul", "li", "hr", "table", "tr", "td", "div", "body", "html"})
INLINE = frozenset({"a", "bdi", "br", "strong"})
# The head is for programs.
KNOWN = BLOCKS | INLINE | {"head", "meta", "title", "style"}

# HTML's white space: it may be collapsed. Others, such as the no-break space, are somebody's own.
_SPACE = re.compile(r"[ \t\r\n\f]+")


def text_of(html: str) -> str:
    """Return the text part that says what the HTML part says; it ends with a line break."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Collects blocks of lines; an empty line goes between two, but not within a list or after the rule."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[str] = []
        self._under_way = ""
        self._bullet = ""
        self._close_up: set[int] = set()
        self._in_head = False
        self._href = ""
        self._label_starts = 0
        self._quote_starts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "head":
            self._in_head = True
        elif tag == "br":
            self._new_line()
        elif tag == "a":
            self._new_line()
            self._href = dict(attrs).get("href") or ""
            self._label_starts = len(self._under_way)
        elif tag in BLOCKS:
            self._end_block()
            self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "head":
            self._in_head = False
        elif tag == "a":
            self._end_link()
        elif tag in BLOCKS:
            self._end_block()
            self._end(tag)

    def handle_data(self, data: str) -> None:
        if self._in_head:
            return
        words = _SPACE.sub(" ", data)
        if not self._under_way or self._under_way[-1] in " \n":
            words = words.lstrip(" ")
        self._under_way += words

    def text(self) -> str:
        """Return all that was read."""
        self._end_block()
        parts = []
        for number, block in enumerate(self._blocks):
            parts += ["" if number == 0 else "\n" if number in self._close_up else "\n\n", block]
        return "".join(parts) + "\n"

    def _begin(self, tag: str) -> None:
        if tag == "hr":
            self._blocks.append("--")
            self._close_up.add(len(self._blocks))
        elif tag == "blockquote":
            self._quote_starts = len(self._blocks)
        elif tag == "li":
            self._bullet = "- "

    def _end(self, tag: str) -> None:
        if tag == "blockquote" and self._quote_starts < len(self._blocks):
            self._blocks[self._quote_starts] = '"' + self._blocks[self._quote_starts]
            self._blocks[-1] += '"'
        elif tag == "li":
            self._bullet = ""
            self._close_up.add(len(self._blocks))
        elif tag == "ul":
            self._close_up.discard(len(self._blocks))

    def _end_block(self) -> None:
        block = self._under_way.strip(" \n")
        self._under_way = ""
        if block:
            self._blocks.append(self._bullet + block)
            self._bullet = ""

    def _new_line(self) -> None:
        """Begin another line of the block, unless one has just begun."""
        self._under_way = self._under_way.rstrip(" ")
        if self._under_way and not self._under_way.endswith("\n"):
            self._under_way += "\n"

    def _end_link(self) -> None:
        """Put the address below the words, on a line of its own: nothing then sticks to it."""
        label = self._under_way[self._label_starts :].strip(" \n")
        if label == self._href:
            self._under_way += "\n"
            return
        self._under_way = self._under_way.rstrip(" ")
        if label and label[-1] not in ".:?!":
            self._under_way += ":"
        self._under_way += f"\n{self._href}\n" if label else f"{self._href}\n"
