"""What the person who looks at a question's page can do about its replies."""

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
class Care:
    """Whether the person may say that answers are still right, and name newer ones in others' places."""

    reviews: bool
    moderates: bool


def for_viewer(request: HttpRequest, replies: Iterable[Post], credential: Credential | None) -> Care:
    """Return what the person can do, and set `said` on the replies that helped them; one query."""
    replies = list(replies)
    said = helpful.marked_by(Reader.of(request.user, rate_limits.network_of(request)), replies)
    for reply in replies:
        reply.said = reply.pk in said  # type: ignore[attr-defined] # a page's own word about a row; no column
    user: Any = request.user
    return Care(reviews=credential is not None, moderates=user.has_perm("forum.moderate_posts"))


def below_the_newer(answers: list[Post]) -> list[Post]:
    """Return the answers with each superseded one below the one in its place, or last where that one is elsewhere."""
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
