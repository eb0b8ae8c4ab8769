"""Line breaks of mail programs: undoing format=flowed (RFC 3676) and hard wraps. Pure."""

import re

# Programs that wrap without format=flowed do so at about this width; a longer line was not wrapped.
WIDTH = 72
MAX_LINE_LENGTH = 82
_ITEM = re.compile(r"\s*(?:[-*+•]\s|\d{1,3}[.)]\s|>|\|)|\s{2,}")


def unflowed(text: str, *, delete_space: bool) -> str:
    """Return text of format=flowed (RFC 3676) with its lines joined: a trailing space means that the line continues."""
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
    """Return the text without the line breaks at which the next word would have exceeded the width."""
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
    if len(line) > MAX_LINE_LENGTH or _ITEM.match(following):
        return False
    return len(line) + 1 + len(following.split(" ", 1)[0]) > WIDTH
