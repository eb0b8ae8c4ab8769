"""Corrections of a public answer, its review, a newer answer in its place; and a question that is called answered.

Each is one transition, on the version that was seen.
"""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from forum import audit
from forum.models import LogEntry, Post
from forum.posts import transitions
from forum.posts.transitions import ReasonMissing, Transition
from forum.rules import Verdict
from forum.states import Move, State

if TYPE_CHECKING:
    from accounts.models import User


class NotNewer(Exception):
    """The other post cannot be the newer answer; the text says why."""


def correct(
    post: Post, changes: dict[str, Any], verdict: Verdict, *, actor: "User | None", version: int, tell: bool = False
) -> LogEntry:
    """Replace the text of a public post at once; with `tell` the question's followers get a mail.

    `changes` are the new text's fields, and `verdict` must hold nothing. Reviews of the earlier text do not count for
    the new one.
    """
    if verdict.holds:
        raise ValueError("A moderator has to read this first.")
    changes = {**changes, "reviewed_on": None}
    wanted = Transition(Move.CORRECT, actor, changes=changes, verdict=verdict, tells_followers=tell)
    return transitions.transition(post, wanted, version)


def review(post: Post, *, actor: "User", version: int) -> LogEntry | None:
    """Note that a physician has found the answer still right today; return None if that was noted already."""
    today = timezone.localdate()
    if post.reviewed_on == today:
        return None
    return transitions.transition(post, Transition(Move.REVIEW, actor, changes={"reviewed_on": today}), version)


def supersede(post: Post, newer: Post | None, *, actor: "User", version: int, reason: str = "") -> LogEntry | None:
    """Name the newer answer, or take that back with None; return None if nothing changes.

    Raises NotNewer, and ReasonMissing for somebody else's answer without a reason.
    """
    if not post.written_by(actor) and not reason:
        raise ReasonMissing
    with transaction.atomic():
        # If two answers name each other at the same time, one waits for the other here.
        both = [post.pk, newer.pk] if newer else [post.pk]
        rows = Post.objects.select_for_update().order_by("pk").in_bulk(both)
        now = rows[post.pk].superseded_by_id
        if now == (newer.pk if newer else None):
            return None
        if newer:
            _check(post, rows[newer.pk])
        named = dict(Post.objects.filter(pk__in=[now or 0]).values_list("pk", "public_id"))
        details = {"superseded_by": [named.get(now or 0, ""), newer.public_id if newer else ""]}
        changes = {"superseded_by_id": newer.pk if newer else None}
        step = Transition(Move.SUPERSEDE, actor, reason, changes=changes, details=details)
        return transitions.transition(post, step, version)


def answered(question: Post, *, is_answered: bool, actor: "User | None") -> LogEntry | None:
    if question.state == State.PUBLISHED and is_answered == bool(question.answered_at):
        return None
    changes = {"answered_at": timezone.now() if is_answered else None}
    details = {"answered": [not is_answered, is_answered]}
    return transitions.transition(
        question, Transition(Move.ANSWERED, actor, changes=changes, details=details), question.version
    )


def reason_of(post: Post) -> LogEntry | None:
    if post.superseded_by_id is None:
        return None
    return audit.entries().filter(post=post, move=Move.SUPERSEDE).first()


def _check(post: Post, newer: Post) -> None:
    if newer.pk == post.pk:
        raise NotNewer("That is this answer itself. Choose another one.")
    if newer.credential_id is None or not newer.is_public:
        raise NotNewer("Only a physician’s answer that everybody can read can stand in its place.")
    seen = {newer.pk}
    following = newer.superseded_by_id
    while following is not None and following not in seen:
        if following == post.pk:
            raise NotNewer("That answer names this one as the newer of the two. Each would lead to the other.")
        seen.add(following)
        following = Post.objects.filter(pk=following).values_list("superseded_by_id", flat=True).first()
