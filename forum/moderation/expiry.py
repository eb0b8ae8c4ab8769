"""What moderation does by itself every hour: posts that nobody cares for any more expire, politely.

It stands above decisions, as whatever moves posts does; what is merely forgotten is notifications.housekeeping's.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.conflicts import Conflict
from forum.models import Delivery, LogEntry, Post, Subscription
from forum.notifications import announce, outbox
from forum.posts import transitions
from forum.states import Move, State

# For one round: the rest is for the next hour.
MOST = 1_000


def remind() -> int:
    """Owe a reminder for each post that came back half of RETURNED_DAYS ago, once; return for how many."""
    posts = list(
        _returned_before(_half()).filter(_can_be_reminded()).exclude(_reminded()).select_related("contact")[:MOST]
    )
    entries = _returns_of(posts)
    for post in posts:
        _remind(post, entries[post.pk])
    return len(posts)


def _half() -> datetime:
    return timezone.now() - timedelta(days=settings.RETURNED_DAYS / 2)


def _reminded(**when: datetime) -> Q:
    """Return the condition that a reminder has been owed since the post came back."""
    about = Delivery.objects.filter(kind=Delivery.Kind.REMINDER, post=OuterRef("pk"))
    return Q(Exists(about.filter(created_at__gte=OuterRef("changed_at"), **when)))


def _can_be_reminded() -> Q:
    """Return the condition that somebody would get the reminder: not who has stopped mail about the post."""
    follows = Subscription.objects.filter(kind=Subscription.Kind.THREAD, post=OuterRef("pk"))
    stopped = Q(Exists(follows.filter(contact=OuterRef("contact"), ended_at__isnull=False)))
    return Q(contact__isnull=False) & ~stopped


def _remind(post: Post, entry: LogEntry) -> None:
    """Owe the mail; named after the version that came back, it is owed once for each time."""
    if post.contact is None:
        return
    subscription = announce.list_of_author(post, post.contact)
    event = f"reminder:{post.pk}:{post.version}"
    outbox.owe(Delivery.Kind.REMINDER, event, post.contact, post=post, entry=entry, subscription=subscription)


def _returns_of(posts: list[Post]) -> dict[int, LogEntry]:
    """Return the line that sent each post back where it stands now; one query."""
    # Sorted here: asked for them in the order of their numbers, SQLite reads the whole log in that order.
    lasting = LogEntry.objects.not_undone().filter(post__in=posts, move=Move.RETURN).order_by()
    return {entry.post_id: entry for entry in sorted(lasting, key=lambda entry: entry.pk) if entry.post_id}


def expire() -> int:
    """Close what came back RETURNED_DAYS ago and was not changed since; return how many. The author is told.

    Whoever can be reminded has had the reminder for half of that time, even if nobody ran this for months.
    """
    due = _returned_before(timezone.now() - timedelta(days=settings.RETURNED_DAYS))
    due = due.filter(_reminded() | ~_can_be_reminded()).exclude(_reminded(created_at__gt=_half()))
    return sum(_close(post) for post in due[:MOST])


def expire_unconfirmed() -> int:
    """Close what still waits of guests who never confirmed their address: nobody could be told of an answer.

    The address is forgotten at the same time (notifications.housekeeping). What was public before waits on.
    """
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    never = Q(contact__isnull=False, contact__user=None, contact__confirmed_at=None)
    waiting = Post.objects.waiting().filter(never, waiting_since__lt=old, published_at=None)
    # Each has an index of its own.
    return sum(_close(post) for urgent in (True, False) for post in waiting.filter(is_urgent=urgent)[:MOST])


def _close(post: Post) -> bool:
    try:
        transitions.move(post, Move.EXPIRE, actor=None, version=post.version)
    except Conflict:
        return False  # its author or a moderator was faster
    return True


def _returned_before(moment: datetime) -> QuerySet[Post]:
    """Return what came back before that moment, longest ago first."""
    return Post.objects.filter(state=State.RETURNED, changed_at__lt=moment).order_by("changed_at")
