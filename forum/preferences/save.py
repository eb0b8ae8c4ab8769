"""Changes of mail preferences: save, stop all mail, resume. Each is one transaction and idempotent."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.conflicts import Conflict
from accounts.models import Contact
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet
from forum.notifications import subscriptions
from forum.preferences import choices, lists
from forum.preferences.choices import AS_ABOVE, STOPPED, Choices
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
Pace = Subscription.Pace


def save(mailbox: Mailbox, wish: Choices, *, seen: str) -> None:
    """Store the choices; of the followed things only those in `wish`. Raises Conflict.

    `seen` is the mark of the choices that the page showed.
    """
    with transaction.atomic():
        mailbox = mailbox.locked()
        now = choices.choices_of(mailbox, mailbox.followed.filter(pk__in=dict(wish.followed)))
        wish = wish.in_short()
        if wish == now:
            return
        if seen != now.mark:
            raise Conflict
        _switch_lists(mailbox, now.wanted, wish.wanted)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(links_only=wish.links_only)
        _change_pace(mailbox, now, wish)
        for number, chosen in set(wish.followed) - set(now.followed):
            _set_followed(mailbox.followed.filter(pk=number), wish.pace if chosen == AS_ABOVE else chosen)


def _switch_lists(mailbox: Mailbox, before: frozenset[str], wanted: frozenset[str]) -> None:
    for kind in before ^ wanted:
        lists.switch(mailbox, Kind(kind), on=kind in wanted)


def _change_pace(mailbox: Mailbox, now: Choices, wish: Choices) -> None:
    if wish.pace != now.pace:
        for contact in mailbox.contacts:
            summaries = subscriptions.follow(contact, Kind.DIGEST)
            Subscription.objects.filter(pk=summaries.pk).update(pace=wish.pace)
        subscriptions.change_pace(mailbox.followed.filter(pace=now.pace), Pace(wish.pace))
    if wish.queue_pace != now.queue_pace:
        for contact in mailbox.contacts:
            queue = subscriptions.follow(contact, Kind.QUEUE)
            Subscription.objects.filter(pk=queue.pk).update(pace=wish.queue_pace)


def _set_followed(followed: SubscriptionQuerySet, chosen: str) -> None:
    if chosen == STOPPED:
        subscriptions.end_all(followed)
    else:
        followed.update(ended_at=None)
        subscriptions.change_pace(followed, Pace(chosen))


def stop_everything(mailbox: Mailbox) -> None:
    """End everything with the same time, by which `resume_everything` finds it."""
    with transaction.atomic():
        mailbox = mailbox.locked()
        for choice in lists.list_choices(mailbox):
            if choice.is_on:
                for contact in mailbox.contacts:
                    subscriptions.follow(contact, choice.kind)
        active = mailbox.subscriptions.active()
        if not active.exists():
            return
        now = timezone.now()
        # Mail was stopped before, and some things were followed again since: resuming restores both.
        stopped(mailbox).update(ended_at=now)
        subscriptions.end_all(active, now)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=now)


def stopped(mailbox: Mailbox) -> SubscriptionQuerySet:
    return mailbox.subscriptions.filter(ended_at__isnull=False, ended_at=F("contact__mail_stopped_at"))


def resume_everything(mailbox: Mailbox) -> int:
    """Resume exactly what stop_everything ended, without mail from the time in between; return the number."""
    with transaction.atomic():
        mailbox = mailbox.locked()
        begun = stopped(mailbox).update(ended_at=None)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=None)
    return begun
