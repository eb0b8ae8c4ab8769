"""Changes of mail preferences: save, stop all mail, resume. Each is one transaction and idempotent."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Contact
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet
from forum.notifications import following, outbox
from forum.preferences import choices, lists
from forum.preferences.choices import AS_ABOVE, STOPPED, Choices
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
Pace = Subscription.Pace


class Stale(Exception):
    """The preferences were changed after the page was shown, by a link in a mail or in another window."""


def save(mailbox: Mailbox, wish: Choices, *, seen: str) -> None:
    """Store the choices; of the followed things only those in `wish`. Raises Stale.

    `seen` is the mark of the choices that the page showed.
    """
    with transaction.atomic():
        mailbox = mailbox.locked()
        now = choices.choices_of(mailbox, mailbox.followed.filter(pk__in=dict(wish.followed)))
        wish = wish.in_short()
        if wish == now:
            return
        if seen != now.mark:
            raise Stale
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
            summaries = outbox.follow(contact, Kind.DIGEST)
            Subscription.objects.filter(pk=summaries.pk).update(pace=wish.pace)
        following.change_pace(mailbox.followed.filter(pace=now.pace), Pace(wish.pace))
    if wish.queue_pace != now.queue_pace:
        for contact in mailbox.contacts:
            queue = outbox.follow(contact, Kind.QUEUE)
            Subscription.objects.filter(pk=queue.pk).update(pace=wish.queue_pace)


def _set_followed(followed: SubscriptionQuerySet, chosen: str) -> None:
    if chosen == STOPPED:
        outbox.end_all(followed)
    else:
        followed.update(ended_at=None)
        following.change_pace(followed, Pace(chosen))


def stop_everything(mailbox: Mailbox) -> None:
    """End all lists and everything followed with the same time, by which `resume_everything` finds them."""
    with transaction.atomic():
        mailbox = mailbox.locked()
        for choice in lists.list_choices(mailbox):
            if choice.is_on:
                for contact in mailbox.contacts:
                    outbox.follow(contact, choice.kind)
        active = mailbox.subscriptions.active()
        if not active.exists():
            return
        now = timezone.now()
        # Mail was stopped before, and some things were followed again since: resuming restores both.
        stopped(mailbox).update(ended_at=now)
        outbox.end_all(active, now)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=now)


def stopped(mailbox: Mailbox) -> SubscriptionQuerySet:
    return mailbox.subscriptions.filter(ended_at__isnull=False, ended_at=F("contact__mail_stopped_at"))


def resume_everything(mailbox: Mailbox) -> int:
    """Resume exactly what stop_everything ended; return the number of subscriptions.

    Mail from the time in between is not sent.
    """
    with transaction.atomic():
        mailbox = mailbox.locked()
        begun = stopped(mailbox).update(ended_at=None)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=None)
    return begun
