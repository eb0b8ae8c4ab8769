"""Whether a mail is shown to come from the address that it names: the verdict of the mail server in front of us.

Anybody can write any address behind From. Our mail server checks DMARC, DKIM and SPF and notes it in
Authentication-Results (RFC 8601) under its own name; it takes out such lines that came in with that name. Pure.
"""

import re

from forum.inbound.parse import Incoming

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_CHARACTER = re.compile(r"\\.|[^\\]", re.DOTALL)
_AROUND_EQUALS = re.compile(r"\s*=\s*")
# Replaces characters that have a meaning only outside quotes; it is part of no domain.
_QUOTED = "\ufffd"
# Which property of each check names the domain that was checked.
_DOMAIN_OF = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",)}


def is_proven(mail: Incoming, authserv_id: str) -> bool:
    """True when the server of that name found DMARC, DKIM or SPF to hold for the author's own domain."""
    author = mail.author.rpartition("@")[2]
    if not authserv_id or not author:
        return False
    for value in mail.headers("Authentication-Results"):
        server = _COMMENT.sub(" ", value).partition(";")[0]
        if (server.split() or [""])[0].lower() != authserv_id:
            continue
        if any(_is_for(author, result) for result in _results(value)):
            return True
    return False


def _results(value: str) -> list[str]:
    """Return the parts between semicolons after the server's name, without comments and quotes.

    The sender of a mail chooses the text in quotes: the left part of MAIL FROM may be "x; dkim=pass header.d=...".
    """
    parts: list[list[str]] = [[]]
    depth, is_quoted = 0, False
    for character in _CHARACTER.findall(value):
        if depth:
            depth += (character == "(") - (character == ")")
        elif character == '"':
            is_quoted = not is_quoted
        elif is_quoted:
            parts[-1].append(character if character.isalnum() or character in "._-" else _QUOTED)
        elif character == "(":
            depth = 1
            parts[-1].append(" ")
        elif character == ";":
            parts.append([])
        else:
            parts[-1].append(character)
    # An unclosed quote or comment removes the rest, including the result in which it began.
    return ["".join(part) for part in (parts[1:-1] if depth or is_quoted else parts[1:])]


def _is_for(author: str, result: str) -> bool:
    """True for a check that passed, of the author's domain or one above it with at least two labels."""
    verdict, *properties = _AROUND_EQUALS.sub("=", result).lower().split() or [""]
    method, _equals, outcome = verdict.partition("=")
    if outcome != "pass":
        return False
    pairs = (words.partition("=") for words in properties)
    found = next((value for name, _sign, value in pairs if name in _DOMAIN_OF.get(method, ())), "")
    domain = found.rpartition("@")[2].strip(".")
    return author == domain or (domain.count(".") >= 1 and author.endswith("." + domain))
