"""Decisions by the link in a moderator's mail: return, reject or mark as spam.

The link never publishes, since publishing cannot be taken back once somebody has read the post. The three decisions
keep the post unread by the public and can be undone or changed. A mailbox is a single factor; publishing and everything
else requires signing in with both.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.signing import BadSignature
from django.http import Http404

from accounts.auth.middleware import lacks_second_factor
from accounts.models import User
from forum import audit
from forum.models import LogEntry, Post
from forum.moderation import decisions, sanctions
from forum.notifications import links
from forum.posts import access, transitions
from forum.states import Move, State

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOVES = (Move.RETURN, Move.REJECT, Move.SPAM)
# Logged with the decision, so that misuse of a moderator's mailbox can be found.
LOG_DETAILS = {"by_mail_link": True}


class Refused(Exception):
    """The link is not accepted; `why` selects the page text, `public_id` is the post to sign in for, if known."""

    STATUS = {"unreadable": 404, "over": 410, "ended": 410, "somebody-else": 403, "own": 403}

    def __init__(self, why: str, public_id: str = "") -> None:
        super().__init__(why)
        self.why, self.public_id, self.status = why, public_id, self.STATUS[why]


@dataclass(frozen=True)
class Opened:
    moderator: User
    post: Post

    @property
    def is_waiting(self) -> bool:
        return self.post.state == State.PENDING and self.post.purged_at is None

    def own_decision(self) -> LogEntry | None:
        entry = audit.latest(self.post)
        if entry is None or entry.actor_id != self.moderator.pk or not transitions.is_decision(entry):
            return None
        return entry


def open_link(token: str, visitor: "User | AnonymousUser") -> Opened:
    """Return what the link opens now, or raise Refused. `visitor` is the user signed in in this browser, if any.

    A lost role, a sanction, a missing second factor and a changed password all give the same refusal, so that a stolen
    link tells nothing about its moderator.
    """
    try:
        link = links.read_moderator_token(token)
    except BadSignature:
        raise Refused("unreadable") from None
    moderator = User.objects.filter(pk=link.moderator_id).first()
    if moderator is None or not link.is_of(moderator) or not _may_decide(moderator):
        raise Refused("ended")
    if visitor.is_authenticated and visitor.pk != moderator.pk:
        raise Refused("somebody-else")
    if link.is_over:
        raise Refused("over", link.public_id)
    try:
        post = access.to_decide(moderator, link.public_id)
    except Http404:
        raise Refused("ended") from None
    if post.written_by(moderator):
        # Written as a guest and claimed since.
        raise Refused("own")
    return Opened(moderator, post)


def _may_decide(moderator: User) -> bool:
    may = moderator.has_perm("forum.moderate_posts") and not lacks_second_factor(moderator)
    return may and sanctions.barring(moderator) is None


def decide(opened: Opened, chosen: dict[str, Any]) -> LogEntry:
    """Apply the decision of a valid form as the link's moderator; raises the same errors as posts.transitions.

    A link decides waiting posts only: after signing in, a moderator can also reject a returned post.
    """
    if not opened.is_waiting:
        raise transitions.Conflict(audit.latest(opened.post))
    return decisions.carry_out(opened.post, chosen, actor=opened.moderator, details=LOG_DETAILS)
