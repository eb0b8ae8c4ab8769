"""Expiry of returned posts that their authors never changed, with a reminder first, and of unconfirmed guests' posts.

posts.transitions changes their state; forum.privacy.retention deletes old data.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from forum.models import Delivery, LogEntry, Post, Subscription
from forum.notifications import announce, outbox
from forum.posts import transitions
from forum.states import Move, State

# Posts per round; the next hourly round continues.
BATCH_SIZE = 1_000


def remind() -> int:
    """Queue one reminder for each post returned more than half of RETURNED_DAYS ago; return the number of posts."""
    posts = list(
        _returned_before(_half()).filter(_can_be_reminded()).exclude(_reminded()).select_related("contact")[:BATCH_SIZE]
    )
    entries = _returns_of(posts)
    for post in posts:
        _remind(post, entries[post.pk])
    return len(posts)


def _half() -> datetime:
    return timezone.now() - timedelta(days=settings.RETURNED_DAYS / 2)


def _reminded(**when: datetime) -> Q:
    about = Delivery.objects.filter(kind=Delivery.Kind.REMINDER, post=OuterRef("pk"))
    return Q(Exists(about.filter(created_at__gte=OuterRef("changed_at"), **when)))


def _can_be_reminded() -> Q:
    follows = Subscription.objects.filter(kind=Subscription.Kind.THREAD, post=OuterRef("pk"))
    stopped = Q(Exists(follows.filter(contact=OuterRef("contact"), ended_at__isnull=False)))
    return Q(contact__isnull=False) & ~stopped


def _remind(post: Post, entry: LogEntry) -> None:
    if post.contact is None:
        return
    subscription = announce.list_of_author(post, post.contact)
    # The event contains the version that was returned, so each return causes one reminder.
    event = f"reminder:{post.pk}:{post.version}"
    outbox.owe(Delivery.Kind.REMINDER, event, post.contact, post=post, entry=entry, subscription=subscription)


def _returns_of(posts: list[Post]) -> dict[int, LogEntry]:
    # Sorted in Python: with ORDER BY id, SQLite would read the whole log.
    lasting = LogEntry.objects.not_undone().filter(post__in=posts, move=Move.RETURN).order_by()
    return {entry.post_id: entry for entry in sorted(lasting, key=lambda entry: entry.pk) if entry.post_id}


def expire() -> int:
    """Expire posts returned RETURNED_DAYS ago and unchanged since; return their number. The author gets a mail.

    Authors who can be reminded got the reminder at least half of that time ago, even if this job was down for months.
    """
    due = _returned_before(timezone.now() - timedelta(days=settings.RETURNED_DAYS))
    due = due.filter(_reminded() | ~_can_be_reminded()).exclude(_reminded(created_at__gt=_half()))
    return sum(_close(post) for post in due[:BATCH_SIZE])


def expire_unconfirmed() -> int:
    """Expire waiting posts of guests who never confirmed their address: nobody could be told of an answer.

    forum.privacy.retention deletes the address after the same time. Posts that were public before are left alone.
    """
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    never = Q(contact__isnull=False, contact__user=None, contact__confirmed_at=None)
    waiting = Post.objects.waiting().filter(never, waiting_since__lt=old, published_at=None)
    # Urgent and other posts have separate indexes, so one query each.
    return sum(_close(post) for urgent in (True, False) for post in waiting.filter(is_urgent=urgent)[:BATCH_SIZE])


def _close(post: Post) -> bool:
    try:
        transitions.move(post, Move.EXPIRE, actor=None, version=post.version)
    except transitions.Conflict:
        return False  # its author or a moderator was faster
    return True


def _returned_before(moment: datetime) -> QuerySet[Post]:
    return Post.objects.filter(state=State.RETURNED, changed_at__lt=moment).order_by("changed_at")
