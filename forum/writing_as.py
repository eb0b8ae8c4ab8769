"""As whom a reply form was opened: a page that stood open while a credential lapsed must not post under another name.

The form carries it signed. Without the field, as from a program, what is true now counts.
"""

from typing import Any

from django.core import signing

from forum.posting import physician_credential

CODE = "standing"
MEMBER = "member"
_signer = signing.Signer(salt="forum.writing-as", sep=".")

ENDED = (
    "Your recognition as a physician is no longer in force, so nothing was sent. Your text is still here: "
    "you can send it on as an ordinary member’s reply, which a moderator reads first."
)
BEGUN = (
    "You have been recognised as a physician since you opened this page, so nothing was sent. Your text is still here: "
    "sent again, it appears under your full name, as a physician’s answer."
)


def opened_by(user: Any) -> str:
    """Return the signed word for the form that this person opens now."""
    return _signer.sign(_standing(user))


def what_changed(word: str, user: Any) -> str:
    """Return what the person has to know before the reply is sent: empty when it will appear as the form had said."""
    try:
        opened = _signer.unsign(word)
    except signing.BadSignature:
        return ""
    now = _standing(user)
    if (opened == MEMBER) == (now == MEMBER):
        return ""
    return ENDED if now == MEMBER else BEGUN


def _standing(user: Any) -> str:
    """Return the credential's public id, or that there is none."""
    credential = physician_credential(user) if user.is_authenticated else None
    return credential.public_id if credential else MEMBER
