"""Classification of SMTP refusals: hard bounce, soft bounce, or no statement about the address."""

import re

from accounts.models import Suppression

Reason = Suppression.Reason
# RFC 3463: no such mailbox, mailbox disabled, or the domain takes no mail.
_NOBODY = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1|4\.4)\b")
_STATUS = re.compile(r"\b([245])\.\d{1,3}\.\d{1,3}\b")
_BARE = re.compile(r"\b(5[05]\d)\b")


def reason_for(answer: str) -> Suppression.Reason | None:
    """Return None if the refusal says nothing about the address.

    Hard needs a status that names the mailbox: a bare "550" may also mean that the relay refuses this site.
    """
    if _NOBODY.search(answer):
        return Reason.HARD
    if _STATUS.search(answer):
        return Reason.SOFT
    return Reason.SOFT if _BARE.search(answer) else None
