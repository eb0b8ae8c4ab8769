"""Subject header: one short line of visible characters."""

import unicodedata

# In any script far below the 998 bytes of a header line (RFC 5322).
MAX_LENGTH = 150


def one_line(text: str) -> str:
    """Return the text on one line, cut, without control and direction marks and without encoded words.

    A mail program would decode an encoded word (RFC 2047) and show other text than a moderator has seen.
    """
    visible = "".join(char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    line = " ".join(visible.split()).replace("=?", "= ?")
    return line if len(line) <= MAX_LENGTH else line[: MAX_LENGTH - 1].rstrip() + "…"
