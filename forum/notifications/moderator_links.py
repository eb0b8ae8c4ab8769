"""Links in moderators' mails that open one post without signing in: for one person, for some hours.

What such a link can do, and that it never publishes, stands in forum/moderation/from_mail.py. Nothing is stored: the
link is signed, and holds a mark of the password, so that a changed password ends it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import SignatureExpired, TimestampSigner
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.second_factor import lacks_second_factor
from forum.models import Post

if TYPE_CHECKING:
    from accounts.models import User

SALT = "forum.moderation.from-mail"
# A dot stands in no part of what is signed, and mail programs do not end a link there.
_signer = TimestampSigner(sep=".", salt=SALT)
_BETWEEN = "-"
MARK_LENGTH = 20


@dataclass(frozen=True)
class Link:
    """What a link says that the site has made; `is_over` when its hours have passed."""

    moderator_id: int
    public_id: str
    mark: str
    is_over: bool

    def is_of(self, moderator: "User") -> bool:
        """True while the password is the one of the day when the link was mailed."""
        return constant_time_compare(self.mark, _mark_of(moderator))


def path_for(moderator: "User", post: Post) -> str:
    """Return the path of a new link; empty for who may not use one: the author, and who lacks the second factor."""
    if post.written_by(moderator) or lacks_second_factor(moderator):
        return ""
    token = _signer.sign(_BETWEEN.join((str(moderator.pk), post.public_id, _mark_of(moderator))))
    return reverse("moderation:from-mail", args=[token])


def read(token: str) -> Link:
    """Return what the link says; raises BadSignature for one that the site has not made."""
    try:
        value, is_over = _signer.unsign(token, max_age=timedelta(hours=settings.MODERATOR_LINK_HOURS)), False
    except SignatureExpired:
        value, is_over = _signer.unsign(token), True
    number, public_id, mark = value.split(_BETWEEN)
    return Link(int(number), public_id, mark, is_over)


def _mark_of(moderator: "User") -> str:
    """Return what changes with the password, and tells nothing about it."""
    return salted_hmac(SALT, moderator.get_session_auth_hash()).hexdigest()[:MARK_LENGTH]
