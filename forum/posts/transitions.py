"""Transitions of a post, the only writer of its state: one conditional UPDATE, one log entry, and the mail it owes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.conflicts import Conflict
from forum import audit
from forum.models import Claim, Hold, LogEntry, Post, Revision, WaitingFor
from forum.notifications import announce
from forum.posts import question_status, report_outcomes
from forum.rules import Verdict
from forum.states import DECISIONS, MOVES, NEEDS_REASON, Move, State

if TYPE_CHECKING:
    from accounts.models import User

WAITING_FOR = {Move.ASK_COLLEAGUE: WaitingFor.COLLEAGUE, Move.ASK_PHYSICIAN: WaitingFor.PHYSICIAN}
# Fields of a post that may change with a move; the log keeps both values.
WATCHED = ("waiting_for", "is_urgent")


class ReasonMissing(Exception):
    """The decision needs a reason for the author, and none was given."""


class OwnPost(Exception):
    """The actor wrote the post."""


class TooLate(Exception):
    """The decision can no longer be undone; its mail may be on its way."""


@dataclass(frozen=True)
class Transition:
    """`changes` are other columns of the post; `verdict` is what the rules found in a new text (submit.fields_of).

    `details` are only for the log; `tells_followers` is for corrections.
    """

    move: Move
    actor: "User | None"
    reason: str = ""
    # The entry of the reason library that the reason was copied from.
    reason_code: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)
    details: dict[str, Any] = field(default_factory=dict)
    tells_followers: bool = False

    @property
    def has_new_text(self) -> bool:
        return "source" in self.changes


def admit(post: Post, verdict: Verdict, *, actor: "User | None") -> LogEntry:
    """Save a new post as pending if a rule holds it, else as published; call inside a transaction."""
    post.state = State.PENDING
    post.is_urgent = verdict.is_urgent
    post.save(force_insert=True)
    _remember_revision(post, verdict)
    entry = audit.record(post, Move.SUBMIT, "", actor=actor)
    if not verdict.holds:
        return transition(post, Transition(Move.PUBLISH, None, "No rule held it."), post.version)
    announce.announce(entry)
    return entry


def transition(post: Post, wanted: Transition, version: int) -> LogEntry:
    """Move the post from the version that the actor saw, in its own transaction, and update the object.

    Raises ReasonMissing, OwnPost, and Conflict when somebody was faster or the state does not allow the move.
    """
    if wanted.move in NEEDS_REASON and not wanted.reason.strip():
        raise ReasonMissing
    if wanted.move in DECISIONS:
        _refuse_own(post, wanted.actor)
    sources, target = MOVES[wanted.move]
    with transaction.atomic():
        entry = _write(post, wanted, version, sources, target)
        if wanted.has_new_text:
            _remember_revision(post, wanted.verdict)
        if target == State.PUBLISHED:
            _remember_publication(entry)
        if wanted.move in DECISIONS:
            Claim.objects.filter(post=post).delete()
        answered = report_outcomes.resolve(entry)
        asked = question_status.update_after(post, entry)
        announce.announce(entry, reports=answered, physician=asked, tells_followers=wanted.tells_followers)
    return entry


def undo(post: Post, *, actor: "User", version: int, restored: dict[str, Any] | None = None) -> LogEntry:
    """Restore the post as it was before the last decision, and cancel the decision's mails.

    `restored` are the fields of the text before a masked publication (see moderation.undoing). Raises OwnPost, TooLate
    after UNDO_SECONDS, and Conflict when something else has happened since.
    """
    _refuse_own(post, actor)
    entry = audit.latest(post)
    if entry is None or entry.version != version or not is_decision(entry):
        raise Conflict(entry)
    if not can_undo(entry):
        raise TooLate
    fields = _as_before(post, entry) | (restored or {})
    with transaction.atomic():
        wanted = Transition(Move.UNDO, actor, changes=fields)
        undone = _write(post, wanted, version, frozenset({State(entry.after)}), State(entry.before), undoes=entry)
        if entry.move == Move.MASK:
            post.revisions.filter(number__gt=post.revision).delete()
        # A text that only the undone decision had made public counts as never published.
        post.revisions.filter(published_at=entry.created_at).update(published_at=None)
        report_outcomes.reopen(entry)
        announce.announce(undone, physician=question_status.update_after(post, undone))
    return undone


def _refuse_own(post: Post, actor: "User | None") -> None:
    if actor is not None and actor.pk == post.author_id:
        raise OwnPost


def is_decision(entry: LogEntry) -> bool:
    return entry.move in DECISIONS and entry.actor_id is not None


def can_undo(entry: LogEntry) -> bool:
    return timezone.now() < entry.created_at + timedelta(seconds=settings.UNDO_SECONDS)


def _as_before(post: Post, entry: LogEntry) -> dict[str, Any]:
    fields: dict[str, Any] = {name: pair[0] for name, pair in entry.details.items() if name in WATCHED}
    if post.published_at == entry.created_at:
        fields["published_at"] = None
    if entry.move == Move.MASK:
        fields["revision"] = entry.revision - 1
    return fields


def _write(
    post: Post,
    wanted: Transition,
    version: int,
    sources: frozenset[State],
    target: State,
    undoes: LogEntry | None = None,
) -> LogEntry:
    """Update the row only if it is as the actor saw it; call inside a transaction."""
    now = timezone.now()
    fields = {**_consequences(post, wanted, target, now), **wanted.changes}
    fields |= {"state": target, "version": version + 1, "changed_at": now}
    # A purged text cannot be published any more.
    row = Post.objects.filter(pk=post.pk, version=version, state__in=sources, purged_at=None)
    if not row.update(**fields):
        raise Conflict(audit.latest(post))
    before = post.state
    details = {name: [getattr(post, name), fields[name]] for name in WATCHED if name in fields}
    details = {name: pair for name, pair in details.items() if pair[0] != pair[1]} | wanted.details
    for name, value in fields.items():
        setattr(post, name, value)
    if State.PUBLISHED in {before, target} and before != target:
        _touch_what_it_supersedes(post, now)
    return audit.record(
        post,
        wanted.move,
        before,
        actor=wanted.actor,
        reason=wanted.reason.strip(),
        reason_code=wanted.reason_code,
        details=details,
        undoes=undoes,
        created_at=now,
    )


def _consequences(post: Post, wanted: Transition, target: State, now: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if target == State.PUBLISHED and post.published_at is None:
        fields["published_at"] = now
    if wanted.move in DECISIONS:
        fields["waiting_for"] = WAITING_FOR.get(wanted.move, "")
    if wanted.move in {Move.HIDE, Move.EDIT} and post.state == State.PUBLISHED:
        # It goes to the end of the queue.
        fields["waiting_since"] = now
    if wanted.has_new_text:
        fields["revision"] = post.revision + 1
    return fields


def _touch_what_it_supersedes(post: Post, now: Any) -> None:
    """Invalidate the cached pages of answers that name this post as the newer one."""
    # Two queries, each with its own index: a single query with "or" would read every post.
    newer = Q(superseded_by=post)
    if post.question_id is None:
        newer = Q(superseded_by__in=Post.objects.filter(question=post).values("pk"))
    Post.objects.filter(newer, changed_at__lt=now).update(changed_at=now)


def _remember_publication(entry: LogEntry) -> None:
    text = Revision.objects.filter(post=entry.post_id, number=entry.revision, published_at=None)
    text.update(published_at=entry.created_at)


def _remember_revision(post: Post, verdict: Verdict) -> None:
    Revision.objects.create(post=post, number=post.revision, source=post.source)
    Hold.objects.bulk_create(
        Hold(
            post=post,
            revision=post.revision,
            rule=m.rule,
            sentence=m.sentence,
            start=m.start,
            end=m.end,
            effect=m.effect,
        )
        for m in verdict.matches
    )
