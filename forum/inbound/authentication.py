"""Whether a mail is shown to come from the address that it names: the verdict of the mail server in front of us.

Anybody can write any address behind From. Our mail server checks DMARC, DKIM and SPF and notes it in
Authentication-Results (RFC 8601) under its own name; it takes out such lines that came in with that name. Pure.
"""

import re

from forum.inbound.parse import Incoming

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_PASS = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*pass\b(.*)", re.IGNORECASE | re.DOTALL)
# Which property of each check names the domain that was checked.
_DOMAIN_OF = {
    "dmarc": re.compile(r"\bheader\.from=\"?(?:[^\s@\"]*@)?([\w.-]+)", re.IGNORECASE),
    "dkim": re.compile(r"\bheader\.(?:d|i)=\"?(?:[^\s@\"]*@)?([\w.-]+)", re.IGNORECASE),
    "spf": re.compile(r"\bsmtp\.mailfrom=\"?(?:[^\s@\"]*@)?([\w.-]+)", re.IGNORECASE),
}


def is_proven(mail: Incoming, authserv_id: str) -> bool:
    """True when the server of that name found DMARC, DKIM or SPF to hold for the author's own domain."""
    author = mail.author.rpartition("@")[2]
    if not authserv_id or not author:
        return False
    for value in mail.headers("Authentication-Results"):
        server, _semicolon, results = _COMMENT.sub(" ", value).partition(";")
        if (server.split() or [""])[0].lower() != authserv_id:
            continue
        if any(_is_for(author, result) for result in results.split(";")):
            return True
    return False


def _is_for(author: str, result: str) -> bool:
    """True for a check that passed, of the author's domain or one above it with at least two labels."""
    passed = _PASS.match(result)
    if passed is None:
        return False
    found = _DOMAIN_OF[passed[1].lower()].search(passed[2])
    domain = found[1].lower().strip(".") if found else ""
    return author == domain or (domain.count(".") >= 1 and author.endswith("." + domain))
