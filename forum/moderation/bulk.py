"""Bulk decisions: one decision on several posts, with a result for each post."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from forum.models import LogEntry, Post
from forum.moderation import cards, claims, decisions
from forum.posts import transitions
from forum.states import Move

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)
BATCH_SIZE = 50


@dataclass(frozen=True)
class Outcome:
    words: str
    post: Post | None = None
    entry: LogEntry | None = None

    @property
    def is_done(self) -> bool:
        return self.entry is not None


def read(values: list[str]) -> dict[str, int]:
    """Return public id -> version from the checkbox values `id:version`; the first value of each id counts."""
    chosen: dict[str, int] = {}
    for value in values:
        public_id, _, version = value.partition(":")
        readable = version.isascii() and version.isdigit() and len(version) < 10
        chosen.setdefault(public_id[:20], int(version) if readable else 0)
    return chosen


def posts(chosen: dict[str, int]) -> dict[str, Post]:
    # Ids have only letters and digits; PostgreSQL raises an error for NUL.
    ids = [public_id for public_id in chosen if public_id.isalnum()]
    found = cards.with_everything(Post.objects.filter(public_id__in=ids))
    return {post.public_id: post for post in found}


def decide(chosen: dict[str, int], move: Move, *, actor: "User", reason: str, reason_code: str) -> list[Outcome]:
    """Apply the decision to each post. A failure on one post does not stop the others."""
    found = posts(chosen)
    outcomes = []
    for public_id, version in chosen.items():
        post = found.get(public_id)
        if post is None:
            outcomes.append(Outcome("There is no such post."))
            continue
        values = {"move": move, "version": version, "reason": reason, "reason_code": reason_code}
        outcomes.append(_decide_one(post, values, actor))
    return outcomes


def _decide_one(post: Post, values: dict[str, object], actor: "User") -> Outcome:
    claim = claims.by_another(post, actor)
    if claim is not None:
        return Outcome(f"{claim.moderator.name} has it open until {claim.until:%H:%M} (UTC).", post)
    try:
        entry = decisions.carry_out(post, values, actor=actor)
    except transitions.OwnPost:
        return Outcome("You wrote this post yourself. A colleague has to decide on it.", post)
    except transitions.Conflict as conflict:
        return Outcome(_conflict_text(conflict.entry), post)
    except Exception as error:  # one bad post must not stop the others
        log.error("bulk_decision_failed", extra={"post": post.pk, "error": type(error).__name__})
        return Outcome("An error occurred and nothing was changed. Please open this post and decide on it there.", post)
    return Outcome(decisions.CONFIRMATIONS[Move(entry.move)], post, entry)


def _conflict_text(entry: LogEntry | None) -> str:
    if entry is None:
        return "It was changed after you opened the page."
    day = "" if entry.created_at.date() == timezone.now().date() else f" on {entry.created_at:%-d %B %Y}"
    return f"{entry.actor_name} {entry.get_move_display()} at {entry.created_at:%H:%M} (UTC){day}."
