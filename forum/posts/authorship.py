"""Authorship of replies: as a member or as a verified physician.

A reply form carries the authorship of the time when it was opened, signed: a credential that lapsed or began since must
not change the name under the reply unnoticed. Without the field, as from a script, the present authorship counts.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core import signing

from accounts.models import Credential
from forum.models import Post

if TYPE_CHECKING:
    from accounts.models import User


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


def physician_credential(user: "User | None") -> Credential | None:
    if user is None or not user.has_perm("forum.answer_as_physician"):
        return None
    return user.current_credential()


def opened_by(user: Any) -> str:
    return _signer.sign(_authorship(user))


def what_changed(word: str, user: Any) -> str:
    """Return the message for a reply that would not appear as the form had said; empty if nothing has changed."""
    try:
        opened = _signer.unsign(word)
    except signing.BadSignature:
        return ""
    now = _authorship(user)
    if (opened == MEMBER) == (now == MEMBER):
        return ""
    return ENDED if now == MEMBER else BEGUN


def _authorship(user: Any) -> str:
    credential = physician_credential(user) if user.is_authenticated else None
    return credential.public_id if credential else MEMBER


def mark_verified_authors(posts: Iterable[Post]) -> None:
    """Set is_author_verified on the answers whose credential has lapsed, for the badges; at most one query.

    The badge shows the credential as it was. It says "no longer in force" only if the author has not renewed it.
    """
    lapsed = [post for post in posts if post.credential and not post.credential.is_in_force]
    if not lapsed:
        return
    verified = Credential.objects.in_force().filter(user__in={post.author_id for post in lapsed})
    renewed = set(verified.values_list("user_id", flat=True))
    for post in lapsed:
        post.is_author_verified = post.author_id in renewed  # type: ignore[attr-defined] # set for the page, not a column
