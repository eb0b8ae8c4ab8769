"""Once a week, and only when something waits: word of it to each physician. Owed by the hourly round."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from forum.models import Delivery, DeskQuestion, Subscription
from forum.notifications import outbox, recipients
from forum.states import State

WEEK = timedelta(days=7)


def remind() -> int:
    """Owe each physician in force the week's mail, if none was owed for a week; return how many.

    Its event is named after the day: two rounds at once owe one mail.
    """
    waiting = DeskQuestion.objects.filter(state__in=DeskQuestion.OPEN, question__state=State.PUBLISHED)
    if not waiting.exists():
        return 0
    contacts = recipients.physician_contacts()
    recent = Delivery.objects.filter(kind=Delivery.Kind.DESK, recipient__in=contacts)
    last = dict(recent.values_list("recipient").annotate(last=Max("created_at")))
    now = timezone.now()
    due = [contact for contact in contacts if contact.pk not in last or last[contact.pk] <= now - WEEK]
    following = [outbox.follow(contact, Subscription.Kind.DESK) for contact in due]
    wanted = [subscription for subscription in following if subscription.is_active]
    for subscription in wanted:
        event = f"desk:{now:%Y-%m-%d}"
        outbox.owe(Delivery.Kind.DESK, event, subscription.contact, subscription=subscription)
    return len(wanted)
