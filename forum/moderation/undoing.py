"""Taking back a decision while its mails still wait."""

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
    """Take back the last decision on the post, made at `version`; raises as transitions.undo does.

    A text that was published with parts left out is rendered anew here, before any transaction.
    """
    entry = audit.latest(post)
    restored = text_before(entry) if entry is not None and entry.move == Move.MASK else None
    return transitions.undo(post, actor=actor, version=version, restored=restored)


def text_before(entry: LogEntry) -> dict[str, Any] | None:
    """Return the fields of the text as its author wrote it, before a moderator left parts out."""
    if entry.post is None:
        return None
    earlier = entry.post.revisions.filter(number=entry.revision - 1).first()
    return stored_text.fields_of(earlier.source) if earlier else None


def until(entry: LogEntry) -> datetime:
    """Return when the decision becomes final."""
    return entry.created_at + timedelta(seconds=settings.UNDO_SECONDS)


def undoable(entry: LogEntry | None) -> LogEntry | None:
    """Return the post's last entry if it is a decision that can still be undone."""
    return entry if entry is not None and transitions.is_decision(entry) and transitions.can_undo(entry) else None


def last_of(moderator: "User") -> LogEntry | None:
    """Return the person's last decision that can still be undone: nothing has happened to the post since.

    Not on what they have said since to have written themselves, as a guest.
    """
    since = timezone.now() - timedelta(seconds=settings.UNDO_SECONDS)
    recent = audit.entries().filter(actor=moderator, created_at__gt=since, move__in=DECISIONS)
    # Not exclude(post__author=...): guests' posts have none.
    others = recent.filter(Q(post__author=None) | ~Q(post__author=moderator))
    return others.filter(version=F("post__version")).first()
