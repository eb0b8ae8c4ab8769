"""Reminders to physicians: a weekly mail while questions wait, and mails about claims that expire soon."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from forum import deadlines
from forum.models import Delivery, DeskQuestion, Subscription
from forum.notifications import outbox, subscriptions
from forum.notifications.mails.physicians import claim_event
from forum.states import State

WEEK = timedelta(days=7)
# Claims per round; the next round, minutes later, continues.
CLAIMS_PER_ROUND = 200


def remind_of_waiting() -> int:
    waiting = DeskQuestion.objects.filter(state__in=DeskQuestion.OPEN, question__state=State.PUBLISHED)
    if not waiting.exists():
        return 0
    contacts = subscriptions.physician_contacts()
    recent = Delivery.objects.filter(kind=Delivery.Kind.DESK, recipient__in=contacts)
    last = dict(recent.values_list("recipient").annotate(last=Max("created_at")))
    now = timezone.now()
    due = [contact for contact in contacts if contact.pk not in last or last[contact.pk] <= now - WEEK]
    following = [subscriptions.follow(contact, Subscription.Kind.DESK) for contact in due]
    wanted = [subscription for subscription in following if subscription.is_active]
    for subscription in wanted:
        # The event contains the day, so two concurrent rounds queue one mail.
        event = f"desk:{now:%Y-%m-%d}"
        outbox.owe(Delivery.Kind.DESK, event, subscription.contact, subscription=subscription)
    return len(wanted)


def remind_of_lapsing_claims() -> int:
    rows = list(deadlines.lapsing_claims().select_related("question")[:CLAIMS_PER_ROUND])
    if not rows:
        return 0
    claiming = {row.claimed_by_id for row in rows}
    contacts = [contact for contact in subscriptions.physician_contacts() if contact.user_id in claiming]
    readers = subscriptions.readers_of(Subscription.Kind.CLAIMS, contacts)
    reading = {reader.contact.user_id: reader for reader in readers}
    for row in rows:
        reader = reading.get(row.claimed_by_id)
        if reader is not None:
            event = claim_event(row)
            outbox.owe(Delivery.Kind.CLAIM, event, reader.contact, post=row.question, subscription=reader)
    return len(rows)
