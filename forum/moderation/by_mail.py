"""Deciding by the link in a moderator's mail: who may, about what, and the three decisions that it can take.

It can send back, turn down and mark as spam, and never publish: what has been read cannot be taken back, while each of
these leaves a post unread by the public, can be undone for some minutes and changed afterwards. A mailbox is one
factor; publishing, and everything else of moderation, asks for the sign-in with both.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.signing import BadSignature
from django.http import Http404

from accounts.auth.second_factor import lacks_second_factor
from accounts.conflicts import Conflict, Refused
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
# In the log, beside the decision: a mailbox that others read is found by it.
HOW = {"by_mail_link": True}


class LinkRefused(Refused):
    """The link opens nothing; `words` name those of the page, `public_id` the post to sign in for, if known."""

    STATUS = {"unreadable": 404, "over": 410, "ended": 410, "somebody-else": 403, "own": 403}

    def __init__(self, words: str, public_id: str = "") -> None:
        super().__init__(words)
        self.public_id, self.status = public_id, self.STATUS[words]


@dataclass(frozen=True)
class Opened:
    """What a link opens: one post, for one moderator."""

    moderator: User
    post: Post

    @property
    def is_waiting(self) -> bool:
        """True while there is something to decide."""
        return self.post.state == State.PENDING and self.post.purged_at is None

    def own_decision(self) -> LogEntry | None:
        """Return what the moderator decided, if nothing has happened to the post since."""
        entry = audit.latest(self.post)
        if entry is None or entry.actor_id != self.moderator.pk or not transitions.is_decision(entry):
            return None
        return entry


def open_link(token: str, visitor: "User | AnonymousUser") -> Opened:
    """Return what the link opens today, or raise LinkRefused; `visitor` is who is signed in in this browser.

    Whoever has left the role, is barred from writing, lacks the second factor or has another password since is
    refused in the same words: a link that somebody else holds tells nothing about its moderator.
    """
    try:
        link = links.read_moderator_token(token)
    except BadSignature:
        raise LinkRefused("unreadable") from None
    moderator = User.objects.filter(pk=link.moderator_id).first()
    if moderator is None or not link.is_of(moderator) or not _may_decide(moderator):
        raise LinkRefused("ended")
    if visitor.is_authenticated and visitor.pk != moderator.pk:
        raise LinkRefused("somebody-else")
    if link.is_over:
        raise LinkRefused("over", link.public_id)
    try:
        post = access.to_decide(moderator, link.public_id)
    except Http404:
        raise LinkRefused("ended") from None
    if post.written_by(moderator):
        # A guest's post that they have said since to have written.
        raise LinkRefused("own")
    return Opened(moderator, post)


def _may_decide(moderator: User) -> bool:
    """True for who could decide after signing in."""
    may = moderator.has_perm("forum.moderate_posts") and not lacks_second_factor(moderator)
    return may and sanctions.barring(moderator) is None


def decide(opened: Opened, chosen: dict[str, Any]) -> LogEntry:
    """Carry out what a valid form holds, as the link's moderator; raises as decisions.move does.

    Only what waits is decided by a link: after signing in, a moderator may also decline what was sent back.
    """
    if not opened.is_waiting:
        raise Conflict(audit.latest(opened.post))
    return decisions.carry_out(opened.post, chosen, actor=opened.moderator, details=HOW)
