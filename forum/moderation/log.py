"""Writing and reading the append-only record of decisions."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from forum.models import LogEntry, Post
from forum.states import Move

if TYPE_CHECKING:
    from accounts.models import User

SITE = "The site"


def record(
    post: Post, move: Move, before: str, *, actor: "User | None", actor_name: str = "", reason: str = ""
) -> LogEntry:
    """Append one entry for the state the post has now; inside the transaction that changed it."""
    return LogEntry.objects.create(
        post=post,
        move=move,
        before=before,
        after=post.state,
        revision=post.revision,
        version=post.version,
        actor=actor,
        actor_name=actor_name or (actor.name if actor else SITE),
        reason=reason,
    )


def latest(post: Post) -> LogEntry | None:
    """Return the last thing that happened to the post."""
    return LogEntry.objects.filter(post=post).select_related("actor", "post").order_by("-id").first()


def entries() -> QuerySet[LogEntry]:
    """Return the whole log, newest first, with what a line shows."""
    return LogEntry.objects.select_related("post", "post__question").order_by("-id")
