"""Lines that a mail program broke, put together again: the site's text breaks where its writer broke it. Pure."""

import re

# Programs that do not say so break at about so many characters.
WIDTH = 72
LONGEST = 82
_ITEM = re.compile(r"\s*(?:[-*+•]\s|\d{1,3}[.)]\s|>|\|)|\s{2,}")


def unflowed(text: str, *, delete_space: bool) -> str:
    """Return the text of RFC 3676 (format=flowed): a space at the end of a line means that the line goes on."""
    out: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[1:] if line.startswith(" ") else line
        if goes_on and not depth and words != "-- ":
            out[-1] += words
        else:
            out.append(words)
        goes_on = words.endswith(" ") and words != "-- " and not depth
        if goes_on and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def rejoined(text: str) -> str:
    """Return the text with those line breaks undone that stand where the next word would have been too long."""
    out: list[str] = []
    last = ""
    for line in text.split("\n"):
        if last and line and _was_broken(last, line):
            out[-1] += " " + line
        else:
            out.append(line)
        last = line
    return "\n".join(out)


def _was_broken(line: str, following: str) -> bool:
    """True when the first word of the next line did not fit behind this one."""
    if len(line) > LONGEST or _ITEM.match(following):
        return False
    return len(line) + 1 + len(following.split(" ", 1)[0]) > WIDTH
