"""As whom a reply form was opened: a page that stood open while a credential lapsed must not post under another name.

The form carries it signed. Without the field, as from a program, what is true now counts.
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
    """Return the credential under which the person's reply appears now, if any."""
    if user is None or not user.has_perm("forum.answer_as_physician"):
        return None
    return user.current_credential()


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


def mark_verified_authors(posts: Iterable[Post]) -> None:
    """Tell apart, for the badges, whose credential has lapsed and who has renewed it since; one query at most.

    The badge of an answer shows the credential as it was; only that it counts no more is said of who is not verified
    any more.
    """
    lapsed = [post for post in posts if post.credential and not post.credential.is_in_force]
    if not lapsed:
        return
    verified = Credential.objects.in_force().filter(user__in={post.author_id for post in lapsed})
    renewed = set(verified.values_list("user_id", flat=True))
    for post in lapsed:
        post.is_author_verified = post.author_id in renewed  # type: ignore[attr-defined] # a page's own word about a row; no column
