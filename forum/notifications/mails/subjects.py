"""What may stand in a Subject: one short line of visible characters, whatever words went into it."""

import unicodedata

# Far below the 998 bytes that a line of a header may have (RFC 5322), whatever the characters.
LONGEST = 150


def one_line(text: str) -> str:
    """Return the words on one line: no control or direction marks, nothing that a mail program would decode, cut.

    What looks like an encoded word (RFC 2047) would otherwise be shown as whatever it hides.
    """
    visible = "".join(char for char in text if char.isspace() or unicodedata.category(char)[0] != "C")
    line = " ".join(visible.split()).replace("=?", "= ?")
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"
