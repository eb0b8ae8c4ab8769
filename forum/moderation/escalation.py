"""Escalation mails about overdue posts, and daily summaries of the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Contact
from forum import deadlines
from forum.models import Delivery, Post, Subscription
from forum.notifications import announce, outbox, recipients

# Minimum time between two escalation mails to one moderator.
INTERVAL = timedelta(days=1)
# Latest overdue posts to read: enough to find one that the moderator did not write.
BATCH_SIZE = 50


def escalate() -> int:
    """Queue mails about posts that became overdue since the last such mail; return the number of mails.

    One mail covers all overdue posts. A moderator gets at most one a day, and none about their own posts.
    """
    newest = [(post.author_id, deadlines.since(post)) for post in deadlines.latest(BATCH_SIZE)]
    if not newest:
        return 0
    readers = outbox.readers_of(Subscription.Kind.ESCALATION, recipients.moderator_contacts())
    last = _last_told([reader.contact for reader in readers])
    told = 0
    for reader in readers:
        passed = next((since for author, since in newest if author != reader.contact.user_id), None)
        before = last.get(reader.contact_id, NEVER)
        if passed is not None and _is_news(passed + deadlines.target(), before):
            # The event contains the mail before it, so two concurrent rounds create one row.
            event = f"escalation-after:{before.number}"
            outbox.owe(Delivery.Kind.ESCALATION, event, reader.contact, subscription=reader)
            told += 1
    return told


@dataclass(frozen=True)
class Told:
    number: int = 0
    owed_at: datetime | None = None
    told_at: datetime | None = None


NEVER = Told()


def _last_told(contacts: list[Contact]) -> dict[int, Told]:
    mails = Delivery.objects.filter(kind=Delivery.Kind.ESCALATION, recipient__in=contacts)
    left = ~Q(state=Delivery.State.CANCELLED)
    found = mails.values_list("recipient").annotate(
        number=Max("pk"), owed_at=Max("created_at"), told_at=Max("created_at", filter=left)
    )
    return {recipient: Told(*last) for recipient, *last in found}


def _is_news(passed: datetime, last: Told) -> bool:
    """True when the post became overdue after the last mail, and the last mail that was not cancelled is a day old."""
    is_known = last.owed_at is not None and passed <= last.owed_at
    is_too_soon = last.told_at is not None and timezone.now() - last.told_at < INTERVAL
    return not is_known and not is_too_soon


def tell_daily() -> None:
    """Queue the summary for moderators who chose daily or weekly mail instead of one mail for each batch of posts."""
    if not Post.objects.waiting().exists():
        return
    for reader in outbox.readers_of(Subscription.Kind.QUEUE, recipients.moderator_contacts()):
        if reader.pace != Subscription.Pace.AT_ONCE:
            announce.owe_queue_summary(reader)
