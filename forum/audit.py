"""The append-only log of decisions: writing and reading."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts import erasing
from accounts.names import Names
from forum.models import LogEntry, Post
from forum.states import ASKING, DECISIONS, Act, Move, State

if TYPE_CHECKING:
    from accounts.models import User

NAMELESS = "…"
RELATED = ("post", "post__question", "actor", "subject")


def record(
    post: Post,
    move: Move,
    before: str,
    *,
    actor: "User | None",
    created_at: datetime | None = None,
    **fields: Any,
) -> LogEntry:
    """Append an entry with the present state of the post, in the transaction that changed it.

    `fields` may contain reason, reason_code, details and undoes.
    """
    now = created_at or timezone.now()
    if actor is not None:
        fields["reason"] = without_names(fields.get("reason", ""), post.name, post.author)
    decided = move in DECISIONS - ASKING and before == State.PENDING and actor is not None
    return LogEntry.objects.create(
        post=post,
        move=move,
        before=before,
        after=post.state,
        revision=post.revision,
        version=post.version,
        actor=actor,
        waited=max(0, int((now - post.waiting_since).total_seconds())) if decided else None,
        created_at=now,
        **fields,
    )


def act(act: Act, *, actor: "User", subject: "User | None" = None, reason: str = "", **details: Any) -> LogEntry:
    """`details` are pairs of values before and after."""
    reason = without_names(reason, "", subject)
    return LogEntry.objects.create(move=act, actor=actor, subject=subject, reason=reason, details=details)


def without_names(reason: str, shown: str, person: "User | None") -> str:
    """Log entries can never be changed, not even to erase a person, so the person's names are replaced."""
    names = Names({shown, *(erasing.names_of(person) if reason and person else ())})
    return names.replaced(reason, NAMELESS)


def latest(post: Post) -> LogEntry | None:
    return LogEntry.objects.filter(post=post).select_related(*RELATED).order_by("-id").first()


def entries() -> QuerySet[LogEntry]:
    return LogEntry.objects.select_related(*RELATED).order_by("-id")
