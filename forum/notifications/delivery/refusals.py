"""What the answers of mail servers say about an address: does the mailbox exist, is it full, or is it our fault?"""

import re

from accounts.models import Suppression

Reason = Suppression.Reason
# Of RFC 3463: the second and third number. Nobody is there, the box is closed, the domain takes no mail.
_NOBODY = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1|4\.4)\b")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_BARE = re.compile(r"\b(5[05]\d)\b")


def reason_for(answer: str) -> Suppression.Reason | None:
    """Return what a final refusal says about the address; None when it says nothing about it.

    Hard needs a status that names the mailbox: a bare "550" may as well mean that our own relay refuses us.
    """
    if _NOBODY.search(answer):
        return Reason.HARD
    if _STATUS.search(answer):
        return Reason.SOFT
    return Reason.SOFT if _BARE.search(answer) else None
