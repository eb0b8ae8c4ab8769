"""The only writer of a post's state: every move is one conditional UPDATE, one log entry and the mail it owes."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from forum.models import Hold, LogEntry, Post, Revision
from forum.moderation import log
from forum.moderation.rules import Match
from forum.notifications import outbox
from forum.states import MOVES, NEEDS_REASON, Move, State

if TYPE_CHECKING:
    from accounts.models import User


class Conflict(Exception):
    """Somebody else moved the post first; `entry` says who did what."""

    def __init__(self, entry: LogEntry | None) -> None:
        super().__init__("The post has changed meanwhile.")
        self.entry = entry


class ReasonMissing(Exception):
    """The decision needs a reason for the author, and none was given."""


def admit(post: Post, matches: list[Match], *, actor: "User | None") -> LogEntry:
    """Save a new post: pending when any rule matched, else published at once. Call inside a transaction."""
    post.state = State.PENDING
    post.save(force_insert=True)
    _remember_revision(post, matches)
    entry = log.record(post, Move.SUBMIT, "", actor=actor, actor_name=post.name)
    if matches:
        outbox.announce(entry)
        return entry
    return move(post, Move.PUBLISH, actor=None, version=post.version, reason="No rule held it.")


def revise(
    post: Post, changes: dict[str, Any], matches: list[Match], *, actor: "User | None", version: int
) -> LogEntry:
    """Replace the text of a waiting or returned post; it waits (again), keeping its place in the queue.

    `changes` are the new text's fields. Unlike a new post, an edited one is never published by itself.
    """
    with transaction.atomic():
        entry = move(
            post,
            Move.EDIT,
            actor=actor,
            version=version,
            changes={**changes, "revision": post.revision + 1},
            actor_name=post.name,
        )
        _remember_revision(post, matches)
    return entry


def move(
    post: Post,
    move: Move,
    *,
    actor: "User | None",
    version: int,
    reason: str = "",
    changes: dict[str, Any] | None = None,
    actor_name: str = "",
) -> LogEntry:
    """Move the post from the version that the actor saw, or raise Conflict.

    The update, the log entry and the owed mail are one transaction. `post` has its new values afterwards.
    """
    reason = reason.strip()
    if move in NEEDS_REASON and not reason:
        raise ReasonMissing
    sources, target = MOVES[move]
    now = timezone.now()
    fields = {**(changes or {}), "state": target, "version": version + 1, "changed_at": now}
    if target == State.PUBLISHED:
        fields["published_at"] = now
    with transaction.atomic():
        moved = Post.objects.filter(pk=post.pk, version=version, state__in=sources).update(**fields)
        if not moved:
            raise Conflict(log.latest(post))
        before = post.state
        for name, value in fields.items():
            setattr(post, name, value)
        entry = log.record(post, move, before, actor=actor, actor_name=actor_name, reason=reason)
        outbox.announce(entry)
    return entry


def _remember_revision(post: Post, matches: list[Match]) -> None:
    Revision.objects.create(post=post, number=post.revision, source=post.source)
    Hold.objects.bulk_create(
        Hold(post=post, revision=post.revision, rule=m.rule, sentence=m.sentence, start=m.start, end=m.end)
        for m in matches
    )
