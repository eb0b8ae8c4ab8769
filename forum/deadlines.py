"""What is getting late: posts that have waited too long for a moderator, claims at the desk that will lapse."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from forum.models import DeskQuestion, LogEntry, Post
from forum.models.posts import PostQuerySet
from forum.states import Move, State

# Hours before a claim lapses at which its physician is told; of a short claim, half of its time.
CLAIM_NOTICE = 6
# More are not counted: “1,000 or more” is answer enough.
COUNTED = 1_000


def target() -> timedelta:
    """Return how long a post should wait for a moderator at most."""
    return timedelta(hours=settings.MODERATION_TARGET_HOURS)


def overdue() -> tuple[PostQuerySet, PostQuerySet]:
    """Return what has waited for longer than that, since `with_us_since`: the urgent, and the rest; oldest first.

    Each has an index of its own. What was sent back keeps its place in the queue, but moderators have had it only since
    it came back.
    """
    return _overdue(is_urgent=True), _overdue(is_urgent=False)


def _overdue(*, is_urgent: bool) -> PostQuerySet:
    then = timezone.now() - target()
    changed = LogEntry.objects.filter(post=OuterRef("pk"), move=Move.EDIT, before=State.RETURNED).order_by("-id")
    came_back = Coalesce(Subquery(changed.values("created_at")[:1]), "waiting_since")
    # By `waiting_since` as well: that is what the index knows.
    waiting = Post.objects.waiting().filter(is_urgent=is_urgent, waiting_since__lte=then)
    waiting = waiting.annotate(with_us_since=Greatest(came_back, "waiting_since"))
    return waiting.filter(with_us_since__lte=then)


def since(post: Post) -> datetime:
    """Return since when an overdue post has waited for moderators."""
    found: datetime = post.with_us_since  # type: ignore[attr-defined] # overdue() adds it
    return found


def latest(most: int) -> list[Post]:
    """Return those that have passed the target last, at most so many of each sort."""
    return sorted((post for some in overdue() for post in some.reverse()[:most]), key=since, reverse=True)


@dataclass(frozen=True)
class Late:
    """How many posts are overdue, counted up to COUNTED, and the one that has waited longest."""

    count: int
    oldest: Post | None

    @property
    def number(self) -> str:
        """The count in words."""
        return f"{COUNTED:,} or more" if self.count >= COUNTED else str(self.count)


def for_moderator(number: int | None) -> Late:
    """Return what is overdue of what the moderator with that number may decide: not what they wrote themselves."""
    theirs = [some.exclude(author=number) for some in overdue()]
    first = [post for some in theirs for post in some[:1]]
    count = sum(some[:COUNTED].count() for some in theirs)
    return Late(count, min(first, key=since, default=None))


def lapsing_claims() -> QuerySet[DeskQuestion]:
    """Return the open, public questions whose physician has little time left to answer them."""
    now = timezone.now()
    notice = timedelta(hours=min(CLAIM_NOTICE, settings.DESK_CLAIM_HOURS / 2))
    ending = DeskQuestion.objects.filter(claimed_until__gt=now, claimed_until__lte=now + notice)
    claimed = ending.filter(claimed_by__isnull=False, question__state=State.PUBLISHED)
    return claimed.filter(state__in=DeskQuestion.OPEN).order_by("claimed_until", "pk")
