"""Overdue posts in the queue, and physicians' claims that expire soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from forum.models import DeskQuestion, LogEntry, Post
from forum.models.posts import PostQuerySet
from forum.states import Move, State

# Hours before a claim expires at which its physician is reminded; for short claims, half of their duration.
CLAIM_NOTICE = 6
# Upper bound of the count, so that it stays cheap: pages show “1,000 or more”.
COUNT_LIMIT = 1_000


def target() -> timedelta:
    return timedelta(hours=settings.MODERATION_TARGET_HOURS)


def overdue() -> tuple[PostQuerySet, PostQuerySet]:
    """Return urgent and other posts waiting longer than target(), oldest first, annotated with `with_us_since`.

    Each part has its own index. A returned post keeps its place in the queue, but its wait counts from when it was sent
    again.
    """
    return _overdue(is_urgent=True), _overdue(is_urgent=False)


def _overdue(*, is_urgent: bool) -> PostQuerySet:
    then = timezone.now() - target()
    changed = LogEntry.objects.filter(post=OuterRef("pk"), move=Move.EDIT, before=State.RETURNED).order_by("-id")
    came_back = Coalesce(Subquery(changed.values("created_at")[:1]), "waiting_since")
    # Filter by `waiting_since` as well, because the index has that column.
    waiting = Post.objects.waiting().filter(is_urgent=is_urgent, waiting_since__lte=then)
    waiting = waiting.annotate(with_us_since=Greatest(came_back, "waiting_since"))
    return waiting.filter(with_us_since__lte=then)


def since(post: Post) -> datetime:
    found: datetime = post.with_us_since  # type: ignore[attr-defined] # overdue() adds it
    return found


def latest(most: int) -> list[Post]:
    return sorted((post for some in overdue() for post in some.reverse()[:most]), key=since, reverse=True)


@dataclass(frozen=True)
class Late:
    count: int
    oldest: Post | None

    @property
    def number(self) -> str:
        return f"{COUNT_LIMIT:,} or more" if self.count >= COUNT_LIMIT else str(self.count)


def for_moderator(number: int | None) -> Late:
    theirs = [some.exclude(author=number) for some in overdue()]
    first = [post for some in theirs for post in some[:1]]
    count = sum(some[:COUNT_LIMIT].count() for some in theirs)
    return Late(count, min(first, key=since, default=None))


def lapsing_claims() -> QuerySet[DeskQuestion]:
    now = timezone.now()
    notice = timedelta(hours=min(CLAIM_NOTICE, settings.DESK_CLAIM_HOURS / 2))
    ending = DeskQuestion.objects.filter(claimed_until__gt=now, claimed_until__lte=now + notice)
    claimed = ending.filter(claimed_by__isnull=False, question__state=State.PUBLISHED)
    return claimed.filter(state__in=DeskQuestion.OPEN).order_by("claimed_until", "pk")
