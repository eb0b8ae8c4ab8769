"""Moderators route a question: what it is about, and that physicians, or one of them, are asked for an answer."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forum import audit
from forum.models import DeskQuestion, LogEntry, Post, Topic
from forum.notifications import announce
from forum.states import Act, State

# A question that waits for a moderator can be routed beforehand: it comes to the desk when it is published.
ROUTABLE = frozenset({State.PENDING, State.PUBLISHED})


@dataclass(frozen=True)
class Route:
    """Where a question is to go: `physician` is asked by name, `is_asked_for` marks it for all of them."""

    topic: Topic | None = None
    is_asked_for: bool = False
    physician: User | None = None


def of(question: Post) -> Route:
    """Return where the question has been routed so far."""
    row = DeskQuestion.objects.filter(question=question).select_related("routed_to").first()
    return Route(question.topic, bool(row and row.is_asked_for), row.routed_to if row else None)


def route(question: Post, wanted: Route, *, actor: User) -> LogEntry | None:
    """Route the question, and tell the physician who is newly named; None when it already is where it is to be."""
    with transaction.atomic():
        # The post before its row at the desk, as every move of a post does: the other way round two would wait for
        # each other. What the log says it was before is read under the lock.
        locked = Post.objects.select_for_update(of=("self",)).select_related("topic").get(pk=question.pk)
        row, _created = DeskQuestion.objects.select_for_update().get_or_create(question=question)
        before = Route(locked.topic, row.is_asked_for, row.routed_to)
        if before == wanted:
            return None
        Post.objects.filter(pk=question.pk).update(topic=wanted.topic, changed_at=timezone.now())
        DeskQuestion.objects.filter(pk=row.pk).update(is_asked_for=wanted.is_asked_for, routed_to=wanted.physician)
        entry = audit.act(Act.ROUTE, actor=actor, subject=wanted.physician, **_changes(question, before, wanted))
        question.topic = wanted.topic
        if question.is_public:
            newly_named = wanted.physician if wanted.physician != before.physician else None
            announce.announce(entry, question=question, physician=newly_named)
    return entry


def _changes(question: Post, before: Route, after: Route) -> dict[str, Any]:
    """Return what the log keeps: the question's public id, and what has changed."""
    pairs: dict[str, list[Any]] = {
        "topic": [before.topic and before.topic.slug, after.topic and after.topic.slug],
        "asked_for": [before.is_asked_for, after.is_asked_for],
    }
    return {"question": question.public_id, **{name: pair for name, pair in pairs.items() if pair[0] != pair[1]}}
