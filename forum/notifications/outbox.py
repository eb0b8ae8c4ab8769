"""The outbox: a row for each mail, written in the transaction of the change it announces (DESIGN 4, promise 2).

`owe_many` is the only writer of new rows, and asks the worker to send them after the commit; the other
functions cancel, delay and send again. announce.py decides which mail a transition needs.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post, Subscription
from forum.notifications import events, mails, publish
from forum.states import DECISIONS

State = Delivery.State
UNDO_MARGIN = timedelta(seconds=15)
UNSENT = (State.OWED, State.PARKED, State.RETRYING, State.GATHERED)
# Mails whose text is stored with them, and erased when they end.
FORGOTTEN = frozenset({Delivery.Kind.ACCOUNT, Delivery.Kind.REFUSED})
MONDAY = 0
# At most so many mails of one change are published at once; the sweep finds the others.
AT_ONCE = 100
# The recipient of a mail, and the subscription that ends such mail.
Recipient = tuple[Contact, Subscription | None]


def owe(
    kind: Delivery.Kind, event: str, recipient: Contact, *, subscription: Subscription | None = None, **about: Any
) -> None:
    owe_many(kind, event, [(recipient, subscription)], **about)


def owe_many(
    kind: Delivery.Kind,
    event: str,
    recipients: Iterable[Recipient],
    *,
    next_attempt_at: datetime | None = None,
    **about: Any,
) -> None:
    """Write a row for each recipient; a second call changes nothing.

    A row for an unconfirmed address of a guest is parked. News for followers that was cancelled when a decision was
    undone uses its old row, since the event makes a second one impossible. `about` may hold what the mail is about, and
    `stored`.
    """
    due = next_attempt_at or timezone.now()
    rows = []
    for contact, subscription in recipients:
        state = State.OWED if contact.is_confirmed or kind in mails.TO_ANYBODY else State.PARKED
        leaves = _leaving(kind, subscription, due)
        to = {"recipient": contact, "subscription": subscription, "state": state}
        rows.append(Delivery(kind=kind, event=event, **to, **leaves, **about))
    if rows:
        _write(kind, event, rows)


def _write(kind: Delivery.Kind, event: str, rows: list[Delivery]) -> None:
    # No savepoint: no caller continues after a failure, and each savepoint costs two statements.
    with transaction.atomic(savepoint=False):
        undone = _undone(kind, event)
        for row in rows:
            if row.recipient_id in undone:
                row.message_key = undone[row.recipient_id]
                _owe_again(row)
        new = [row for row in rows if row.recipient_id not in undone]
        Delivery.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        now = timezone.now()
        keys = [row.message_key for row in rows if row.state == State.OWED and row.next_attempt_at <= now]
        if keys:
            send_after_commit(Delivery.objects.filter(message_key__in=keys[:AT_ONCE]))


def _leaving(kind: Delivery.Kind, subscription: Subscription | None, due: datetime) -> dict[str, Any]:
    if kind in events.TO_FOLLOWERS and subscription is not None:
        return bundled(subscription, due)
    return {"next_attempt_at": due}


def _undone(kind: Delivery.Kind, event: str) -> dict[int, UUID]:
    """Return recipient -> message key of the followers' mails that were cancelled because a decision was undone."""
    if kind not in events.TO_FOLLOWERS:
        return {}
    cancelled = Delivery.objects.filter(event=event, state=State.CANCELLED, entry__undone_by__isnull=False)
    return dict(cancelled.values_list("recipient", "message_key"))


def _owe_again(row: Delivery) -> None:
    about = {"kind": row.kind, "post": row.post, "entry": row.entry, "subscription": row.subscription}
    leaves = {"state": row.state, "bundle": row.bundle, "next_attempt_at": row.next_attempt_at}
    cancelled = Delivery.objects.filter(message_key=row.message_key, state=State.CANCELLED)
    cancelled.update(**about, **leaves, last_error="", gathered_into=None)


def send_after_commit(due: QuerySet[Delivery]) -> None:
    # Not a partial: `robust` breaks when one fails.
    transaction.on_commit(lambda: publish.send_soon(due), robust=True)


def bundled(subscription: Subscription, due: datetime) -> dict[str, Any]:
    if subscription.pace == Subscription.Pace.AT_ONCE:
        return {"bundle": f"thread:{subscription.pk}", "next_attempt_at": due}
    return {"bundle": Delivery.DIGEST, "next_attempt_at": next_digest(Subscription.Pace(subscription.pace), due)}


def next_digest(pace: Subscription.Pace, after: datetime) -> datetime:
    """Return the next DIGEST_HOUR (UTC), on a Monday for weekly summaries."""
    if pace == Subscription.Pace.AT_ONCE:
        return after
    day = after.astimezone(UTC).replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    while day <= after or (pace == Subscription.Pace.WEEKLY and day.weekday() != MONDAY):
        day += timedelta(days=1)
    return day


def settled_at(entry: LogEntry) -> datetime:
    """Return when the mails may be sent: at once, or when the decision can no longer be undone."""
    if entry.actor_id is None or entry.move not in DECISIONS or not settings.UNDO_SECONDS:
        return entry.created_at
    # A little longer than the window itself, so that an undo in its last moment still stops the mail.
    return entry.created_at + timedelta(seconds=settings.UNDO_SECONDS) + UNDO_MARGIN


def take_back(entry: LogEntry) -> None:
    unsent = Delivery.objects.filter(entry=entry, state__in=UNSENT)
    unsent.update(state=State.CANCELLED, last_error="The decision was undone.")


def hold_back_about(entry: LogEntry) -> None:
    """Delay unsent mails about a post that is gone until that is settled; untrue ones then cancel themselves."""
    about = Delivery.objects.filter(post=entry.post, state__in=UNSENT).exclude(entry=entry)
    later = about.exclude(kind=Delivery.Kind.CONFIRM).filter(next_attempt_at__lt=settled_at(entry))
    later.update(next_attempt_at=settled_at(entry))


def cancel_about(post: Post, except_entry: LogEntry | None = None) -> None:
    about = Delivery.objects.filter(post=post, state__in=UNSENT).exclude(kind=Delivery.Kind.CONFIRM)
    if except_entry:
        about = about.exclude(entry=except_entry)
    about.update(state=State.CANCELLED)


def confirm(contact: Contact) -> None:
    with transaction.atomic():
        same = Contact.objects.filter(user=None, address_key=contact.address_key, confirmed_at__isnull=False)
        # Set before any mail is sent: other people may see the mailbox, and its owner has said so for an earlier post.
        links_only = bool(contact.address_key) and same.filter(links_only=True).exists()
        new = Contact.objects.filter(pk=contact.pk, confirmed_at=None)
        new.update(confirmed_at=timezone.now(), links_only=links_only)
        release([contact.pk])


def release(contact_ids: list[int]) -> None:
    parked = Delivery.objects.filter(recipient__in=contact_ids, state=State.PARKED)
    keys = list(parked.values_list("message_key", flat=True))
    # Not earlier than it was due: a decision may still be undone.
    parked.update(state=State.OWED)
    due = Delivery.objects.filter(message_key__in=keys, next_attempt_at__lte=timezone.now())
    send_after_commit(due)


def forget(contact_ids: list[int]) -> None:
    """Stop all mail to people who are erased, and keep of each only that it was queued.

    A mail that is being handed to the mail server still arrives; its worker then finds the row closed.
    """
    mail = Delivery.objects.filter(recipient__in=contact_ids)
    mail.filter(state__in=(*UNSENT, State.SENDING)).update(state=State.CANCELLED)
    mail.update(stored=None, last_error="")


def came_back(delivery: Delivery, status: str) -> None:
    sent = Delivery.objects.filter(Q(pk=delivery.pk) | Q(gathered_into=delivery.pk), state=Delivery.State.SENT)
    sent.update(state=Delivery.State.FAILED, last_error=f"Came back: {status}"[:200])


def cancel(deliveries: QuerySet[Delivery]) -> None:
    deliveries.filter(state__in=UNSENT).update(state=State.CANCELLED)


def send_again(delivery: Delivery) -> bool:
    """Queue a mail again that was given up or suppressed; False if it was not, or if its text is gone.

    It counts as tried, so that nothing new is gathered under its old Message-ID.
    """
    if delivery.kind in FORGOTTEN:
        return False
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=(State.FAILED, State.SUPPRESSED))
    now = timezone.now()
    with transaction.atomic():
        owed = {"state": State.OWED, "attempts": 1, "next_attempt_at": now, "failing_since": None}
        if not ended.update(**owed):
            return False
        told = Delivery.objects.filter(gathered_into=delivery, state__in=(State.FAILED, State.SUPPRESSED))
        told.update(state=State.GATHERED)
        send_after_commit(Delivery.objects.filter(pk=delivery.pk))
    return True


def hurry(delivery: Delivery) -> bool:
    """Try a mail now that pauses after a failure or a bounce; False if it waits for anything else."""
    now = timezone.now()
    with transaction.atomic():
        pausing = Delivery.objects.filter(pk=delivery.pk, next_attempt_at__gt=now)
        paused = pausing.filter(state=State.OWED, last_error__startswith=Delivery.PAUSED)
        # It counts as tried: this tells delivery.py that an operator has asked for it.
        done = pausing.filter(state=State.RETRYING).update(next_attempt_at=now)
        if not done and not paused.update(next_attempt_at=now, attempts=1):
            return False
        send_after_commit(Delivery.objects.filter(pk=delivery.pk))
    return True


def call_off(delivery: Delivery, why: str) -> bool:
    """Cancel a mail with all that it tells, or set aside a failed one; False if it was sent or is being sent."""
    stoppable = (*UNSENT, State.FAILED, State.SUPPRESSED)
    with transaction.atomic():
        row = Delivery.objects.filter(pk=delivery.pk, state__in=stoppable)
        if not row.update(state=State.CANCELLED, last_error=why, stored=None):
            return False
        told = Delivery.objects.filter(gathered_into=delivery, state__in=stoppable)
        told.update(state=State.CANCELLED, last_error=why, stored=None)
    return True
