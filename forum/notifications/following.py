"""What followers are owed, each at their own pace; another pace takes along what is owed already."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from forum.models import Delivery, LogEntry, Subscription
from forum.notifications import events, outbox, publish

State = Delivery.State


def tell(kind: Delivery.Kind, event: str, followers: Iterable[Subscription], *, entry: LogEntry, **about: Any) -> None:
    """Owe each follower one mail about the event, when `entry` is settled; a second call changes nothing.

    Published, undone and published again: the mail that was taken back is owed once more, not twice.
    """
    due = outbox.settled_at(entry)
    undone = Delivery.objects.filter(event=event, state=State.CANCELLED, entry__undone_by__isnull=False)
    taken_back = dict(undone.values_list("recipient", "pk"))
    new = []
    for follower in followers:
        state = State.OWED if follower.contact.is_confirmed else State.PARKED
        owed = {**about, **outbox.bundled(follower, due), "entry": entry, "subscription": follower, "state": state}
        if follower.contact_id in taken_back:
            again = Delivery.objects.filter(pk=taken_back[follower.contact_id], state=State.CANCELLED)
            again.update(**owed, kind=kind, last_error="", gathered_into=None)
        else:
            new.append(Delivery(kind=kind, event=event, recipient=follower.contact, **owed))
    Delivery.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    _send_what_is_due(Delivery.objects.filter(event=event))


def change_pace(subscriptions: QuerySet[Subscription], pace: Subscription.Pace) -> None:
    """Send the news of these subscriptions at another pace; nothing that is owed is lost or told twice."""
    with transaction.atomic():
        changed = list(subscriptions.exclude(pace=pace).values_list("pk", flat=True))
        Subscription.objects.filter(pk__in=changed).update(pace=pace)
        owed = Delivery.objects.filter(subscription__in=changed, kind__in=events.TO_FOLLOWERS)
        for delivery in owed.filter(_untried()).select_related("subscription", "entry"):
            if delivery.subscription:
                place = outbox.bundled(delivery.subscription, _free_from(delivery))
                # Not if a worker has it by now.
                Delivery.objects.filter(_untried(), pk=delivery.pk).update(**place)
        _send_what_is_due(owed)


def _untried() -> Q:
    """Return the condition for what has not left, nor may have been handed over."""
    return Q(state__in=(State.OWED, State.PARKED), attempts=0)


def _free_from(delivery: Delivery) -> datetime:
    """Return from when on the news may leave: when its decision is settled, and the pause of a burst is over."""
    now = timezone.now()
    held = now if delivery.bundle == Delivery.DIGEST else delivery.next_attempt_at
    return max(now, held, outbox.settled_at(delivery.entry) if delivery.entry else now)


def _send_what_is_due(deliveries: QuerySet[Delivery]) -> None:
    """Ask the worker, after the commit, for what need not wait; what is too much at once the sweep finds."""
    due = deliveries.filter(state=State.OWED, next_attempt_at__lte=timezone.now())[: outbox.AT_ONCE]
    transaction.on_commit(lambda: publish.send_soon(due), robust=True)
