"""What is getting late: posts that have waited too long for a moderator, claims at the desk that will lapse."""

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


def target() -> timedelta:
    """Return how long a post should wait for a moderator at most."""
    return timedelta(hours=settings.MODERATION_TARGET_HOURS)


def overdue() -> PostQuerySet:
    """Return what has waited for longer than that, since `with_us_since`, the longest first.

    What was sent back keeps its place in the queue, but moderators have had it only since it came back.
    """
    then = timezone.now() - target()
    changed = LogEntry.objects.filter(post=OuterRef("pk"), move=Move.EDIT, before=State.RETURNED).order_by("-id")
    came_back = Coalesce(Subquery(changed.values("created_at")[:1]), "waiting_since")
    # By `waiting_since` as well: that is what the index knows.
    waiting = Post.objects.waiting().filter(waiting_since__lte=then)
    waiting = waiting.annotate(with_us_since=Greatest(came_back, "waiting_since"))
    return waiting.filter(with_us_since__lte=then).order_by("with_us_since", "id")


def since(post: Post) -> datetime:
    """Return since when an overdue post has waited for moderators."""
    found: datetime = post.with_us_since  # type: ignore[attr-defined] # overdue() adds it
    return found


def lapsing_claims() -> QuerySet[DeskQuestion]:
    """Return the open, public questions whose physician has little time left to answer them."""
    now = timezone.now()
    notice = timedelta(hours=min(CLAIM_NOTICE, settings.DESK_CLAIM_HOURS / 2))
    ending = DeskQuestion.objects.filter(claimed_until__gt=now, claimed_until__lte=now + notice)
    claimed = ending.filter(claimed_by__isnull=False, question__state=State.PUBLISHED)
    return claimed.filter(state__in=DeskQuestion.OPEN).order_by("claimed_until", "pk")
