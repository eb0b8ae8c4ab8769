"""Signed links in mails: a guest's preferences, and one waiting post for one moderator.

Nothing is stored. A guest's link is for one mailbox and some weeks. A moderator's opens one post for some hours without
signing in; it holds a mark of the password, so that a changed password ends it (forum/moderation/by_mail.py says what
it can do).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.core.signing import SignatureExpired, TimestampSigner
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.auth.middleware import lacks_second_factor
from accounts.models import Contact
from forum.models import Post

if TYPE_CHECKING:
    from accounts.models import User

PREFERENCES_SALT = "forum.choices.links"
PREFERENCES_LAST = timedelta(days=90)
MODERATOR_SALT = "forum.moderation.from-mail"
# No signed part contains a dot, and mail programs do not end a link there.
_signer = TimestampSigner(sep=".", salt=MODERATOR_SALT)
_BETWEEN = "-"
MARK_LENGTH = 20


def preferences_path(contact: Contact) -> str:
    """Members sign in on the page, and guests hold a link; empty for a guest who has not confirmed the address."""
    if contact.user_id is not None:
        return reverse("forum:my-notifications")
    return reverse("forum:mail-choices", args=[preferences_token(contact)]) if contact.is_confirmed else ""


def preferences_token(contact: Contact) -> str:
    """Return a token that names a row, never an address."""
    return signing.dumps(contact.pk, salt=PREFERENCES_SALT)


def read_preferences_token(token: str) -> int | None:
    """Return None for a token that is forged, cut off or too old."""
    try:
        number = signing.loads(token, salt=PREFERENCES_SALT, max_age=PREFERENCES_LAST)
    except (signing.BadSignature, ValueError):
        return None
    return number if isinstance(number, int) else None


@dataclass(frozen=True)
class ModeratorLink:
    moderator_id: int
    public_id: str
    mark: str
    is_over: bool

    def is_of(self, moderator: "User") -> bool:
        """True unless the password has changed since the link was mailed."""
        return constant_time_compare(self.mark, _mark_of(moderator))


def moderator_path(moderator: "User", post: Post) -> str:
    """Return an empty path for the post's author, and for a moderator without a second factor."""
    if post.written_by(moderator) or lacks_second_factor(moderator):
        return ""
    token = _signer.sign(_BETWEEN.join((str(moderator.pk), post.public_id, _mark_of(moderator))))
    return reverse("moderation:from-mail", args=[token])


def read_moderator_token(token: str) -> ModeratorLink:
    """Raises BadSignature for a link that the site has not made."""
    try:
        value, is_over = _signer.unsign(token, max_age=timedelta(hours=settings.MODERATOR_LINK_HOURS)), False
    except SignatureExpired:
        value, is_over = _signer.unsign(token), True
    number, public_id, mark = value.split(_BETWEEN)
    return ModeratorLink(int(number), public_id, mark, is_over)


def _mark_of(moderator: "User") -> str:
    """Return a value that changes with the password, and tells nothing about it."""
    return salted_hmac(MODERATOR_SALT, moderator.get_session_auth_hash()).hexdigest()[:MARK_LENGTH]
