"""What moderators are told by the clock: that posts have waited for too long, and once a day what waits at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Contact
from forum import deadlines
from forum.models import Delivery, Post, Subscription
from forum.notifications import announce, outbox, recipients, subscriptions

# Between two mails of the kind to one moderator.
PAUSE = timedelta(days=1)
# Of the latest posts: enough to find one that a moderator has not written.
LATEST = 50


def escalate() -> int:
    """Owe moderators word of posts that have passed the target since the last such mail; return to how many.

    One mail tells of all that is late then. Nobody gets two within a day, nor about posts of their own.
    """
    newest = [(post.author_id, deadlines.since(post)) for post in deadlines.latest(LATEST)]
    if not newest:
        return 0
    readers = subscriptions.readers_of(Subscription.Kind.ESCALATION, recipients.moderator_contacts())
    last = _last_told([reader.contact for reader in readers])
    told = 0
    for reader in readers:
        passed = next((since for author, since in newest if author != reader.contact.user_id), None)
        before = last.get(reader.contact_id, NEVER)
        if passed is not None and _is_news(passed + deadlines.target(), before):
            # Named after the mail before it: two rounds at once make one row.
            event = f"escalation-after:{before.number}"
            outbox.owe(Delivery.Kind.ESCALATION, event, reader.contact, subscription=reader)
            told += 1
    return told


@dataclass(frozen=True)
class Told:
    """The last mail of the kind to one moderator: its number and when it was owed; and when one was not in vain."""

    number: int = 0
    owed_at: datetime | None = None
    told_at: datetime | None = None


NEVER = Told()


def _last_told(contacts: list[Contact]) -> dict[int, Told]:
    """Return the last mail of the kind to each; one query."""
    mails = Delivery.objects.filter(kind=Delivery.Kind.ESCALATION, recipient__in=contacts)
    left = ~Q(state=Delivery.State.CANCELLED)
    found = mails.values_list("recipient").annotate(
        number=Max("pk"), owed_at=Max("created_at"), told_at=Max("created_at", filter=left)
    )
    return {recipient: Told(*last) for recipient, *last in found}


def _is_news(passed: datetime, last: Told) -> bool:
    """True when the post passed the target after the last mail was owed, and the last that left was a day ago."""
    is_known = last.owed_at is not None and passed <= last.owed_at
    is_too_soon = last.told_at is not None and timezone.now() - last.told_at < PAUSE
    return not is_known and not is_too_soon


def tell_daily() -> None:
    """Owe the day's mail to the moderators who want one a day (or a week) and not one for each batch of posts."""
    if not Post.objects.waiting().exists():
        return
    for reader in subscriptions.readers_of(Subscription.Kind.QUEUE, recipients.moderator_contacts()):
        if reader.pace != Subscription.Pace.AT_ONCE:
            announce.owe_queue_summary(reader)
