"""Routing of questions to physicians by moderators: the topic, and a request to all of them or to one by name."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forum import audit
from forum.models import DeskQuestion, LogEntry, Post, Topic
from forum.notifications import news, routed
from forum.states import Act, State

# A pending question can be routed in advance: it is added to the desk when it is published.
ROUTABLE = frozenset({State.PENDING, State.PUBLISHED})


@dataclass(frozen=True)
class Route:
    """`physician` is asked by name; `is_asked_for` asks all physicians."""

    topic: Topic | None = None
    is_asked_for: bool = False
    physician: User | None = None


def route_of(question: Post) -> Route:
    row = DeskQuestion.objects.filter(question=question).select_related("routed_to").first()
    return Route(question.topic, bool(row and row.is_asked_for), row.routed_to if row else None)


def route(question: Post, wanted: Route, *, actor: User) -> LogEntry | None:
    with transaction.atomic():
        # Lock the post before its row at the desk, as every transition does: the other order would deadlock. The
        # values before the change are read under the lock.
        locked = Post.objects.select_for_update(of=("self",)).select_related("topic").get(pk=question.pk)
        row, _created = DeskQuestion.objects.select_for_update().get_or_create(question=question)
        before = Route(locked.topic, row.is_asked_for, row.routed_to)
        if before == wanted:
            return None
        Post.objects.filter(pk=question.pk).update(topic=wanted.topic, changed_at=timezone.now())
        DeskQuestion.objects.filter(pk=row.pk).update(is_asked_for=wanted.is_asked_for, routed_to=wanted.physician)
        entry = audit.act(Act.ROUTE, actor=actor, subject=wanted.physician, **_changes(question, before, wanted))
        question.topic = wanted.topic
        is_new = wanted.physician is not None and wanted.physician != before.physician
        if is_new and wanted.physician is not None and question.is_public:
            routed.tell(question, wanted.physician, entry)
        if wanted.topic != before.topic and question.is_public:
            news.tell(question, entry)
    return entry


def _changes(question: Post, before: Route, after: Route) -> dict[str, Any]:
    pairs: dict[str, list[Any]] = {
        "topic": [before.topic and before.topic.slug, after.topic and after.topic.slug],
        "asked_for": [before.is_asked_for, after.is_asked_for],
    }
    return {"question": question.public_id, **{name: pair for name, pair in pairs.items() if pair[0] != pair[1]}}
