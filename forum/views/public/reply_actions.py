"""Actions on replies that the viewer of a question may take."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from accounts.models import Credential
from forum import rate_limits
from forum.models import Post
from forum.posts import helpful
from forum.posts.reports import Reader


@dataclass(frozen=True)
class ReplyActions:
    reviews: bool
    moderates: bool


def for_viewer(request: HttpRequest, replies: Iterable[Post], credential: Credential | None) -> ReplyActions:
    """Return the viewer's rights, and set `said` on replies that they said helped; one query."""
    replies = list(replies)
    said = helpful.marked_by(Reader.of(request.user, rate_limits.network_of(request)), replies)
    for reply in replies:
        reply.said = reply.pk in said  # type: ignore[attr-defined] # for the template; no column
    user: Any = request.user
    return ReplyActions(reviews=credential is not None, moderates=user.has_perm("forum.moderate_posts"))


def below_the_newer(answers: list[Post]) -> list[Post]:
    """Return the answers, each superseded one below its replacement, or last if that is elsewhere."""
    older: dict[int, list[Post]] = {}
    for answer in answers:
        if answer.is_superseded and answer.superseded_by_id:
            older.setdefault(answer.superseded_by_id, []).append(answer)
    ordered: list[Post] = []
    following = [answer for answer in reversed(answers) if not answer.is_superseded]
    while following:
        ordered.append(following.pop())
        following += reversed(older.pop(ordered[-1].pk, []))
    return ordered + [answer for rest in older.values() for answer in rest]
