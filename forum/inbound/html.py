"""The text of a mail that has only HTML: lines where a reader sees lines, "> " before what is quoted. Pure."""

from html.parser import HTMLParser

BLOCKS = {
    *("address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
}
# Between the lines of these there is an empty one.
APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "table", "pre"}
UNSEEN = {"head", "style", "script", "title", "noscript", "template"}
# What mail programs wrap the mail in that is answered, by class or id.
QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "divrplyfwdmsg", "appendonsend", "protonmail_quote")
DEEPEST = 200


def text_of(html: str) -> str:
    """Return the words that a reader would see."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.lines()).strip("\n")


class _Reader(HTMLParser):
    """Collects lines; each knows how deep inside quotes it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[tuple[int, str]] = []
        self._line = ""
        self._unseen = 0
        # The open tags, and for each whether it began a quote.
        self._open: list[tuple[str, bool]] = []

    @property
    def _depth(self) -> int:
        return min(sum(quotes for _tag, quotes in self._open), 5)

    def lines(self) -> list[str]:
        """Return the lines, never more than one empty one between two others."""
        self._break()
        out: list[str] = []
        for depth, line in self._done:
            shown = ("> " * depth + line).rstrip()
            if line or (out and out[-1].strip("> ")):
                out.append(shown)
        return out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where a reader sees one begin."""
        if tag in UNSEEN:
            self._unseen += 1
        if tag == "br":
            self._break(even_if_empty=True)
        if tag not in BLOCKS:
            return
        self._break()
        if tag in APART:
            self._done.append((self._depth, ""))
        if tag == "hr":
            return
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        quotes = tag == "blockquote" or any(mark in marks for mark in QUOTES)
        if len(self._open) < DEEPEST:
            self._open.append((tag, quotes))
        if tag == "li":
            self._line = "- "

    def handle_endtag(self, tag: str) -> None:
        """End the line, and whatever was left open inside."""
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag not in BLOCKS:
            return
        self._break()
        if tag in APART:
            self._done.append((self._depth, ""))
        if any(opened == tag for opened, _quotes in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Add words, with one space wherever there was white space."""
        if self._unseen:
            return
        words = " ".join(data.split())
        if data[:1].isspace() and self._line and not self._line.endswith(" "):
            self._line += " "
        self._line += words + (" " if words and data[-1:].isspace() else "")

    def _break(self, *, even_if_empty: bool = False) -> None:
        if self._line.strip() or even_if_empty:
            self._done.append((self._depth, self._line.strip()))
        self._line = ""
