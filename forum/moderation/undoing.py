"""Undo of a decision while its mails are still waiting to be sent."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from forum import audit
from forum.models import LogEntry, Post
from forum.posts import stored_text, transitions
from forum.states import DECISIONS, Move

if TYPE_CHECKING:
    from accounts.models import User


def undo(post: Post, *, actor: "User", version: int) -> LogEntry:
    """Undo the last decision on the post, made at `version`; raises the same errors as posts.transitions.undo.

    A text that was published with parts left out is rendered again here, before the transaction, to keep locks short.
    """
    entry = audit.latest(post)
    restored = text_before(entry) if entry is not None and entry.move == Move.MASK else None
    return transitions.undo(post, actor=actor, version=version, restored=restored)


def text_before(entry: LogEntry) -> dict[str, Any] | None:
    if entry.post is None:
        return None
    earlier = entry.post.revisions.filter(number=entry.revision - 1).first()
    return stored_text.fields_of(earlier.source) if earlier else None


def until(entry: LogEntry) -> datetime:
    return entry.created_at + timedelta(seconds=settings.UNDO_SECONDS)


def undoable(entry: LogEntry | None) -> LogEntry | None:
    return entry if entry is not None and transitions.is_decision(entry) and transitions.can_undo(entry) else None


def last_of(moderator: "User") -> LogEntry | None:
    """Return the moderator's last decision that can still be undone, if nothing has happened to the post since.

    Posts that the moderator wrote as a guest and claimed since are left out.
    """
    since = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    recent = audit.entries().filter(actor=moderator, created_at__gt=since, move__in=DECISIONS)
    # Not exclude(post__author=...), which would drop guests' posts, as their author is NULL.
    others = recent.filter(Q(post__author=None) | ~Q(post__author=moderator))
    return others.filter(version=F("post__version")).first()
