"""What people do about their mail: choose, stop everything, take it up again. One transaction each; once is once."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.conflicts import Conflict
from accounts.models import Contact
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet
from forum.notifications import following, outbox
from forum.preferences import choices, lists
from forum.preferences.choices import AS_ABOVE, STOPPED, Choices
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
Pace = Subscription.Pace


def save(mailbox: Mailbox, wish: Choices, *, seen: str) -> None:
    """Store what the person wishes; of what is followed only the things in it. Raises Conflict.

    `seen` is the mark of what the page showed. Sent twice it changes nothing the second time.
    """
    with transaction.atomic():
        mailbox = mailbox.locked()
        now = choices.of(mailbox, mailbox.followed.filter(pk__in=dict(wish.followed)))
        wish = wish.in_short()
        if wish == now:
            return
        if seen != now.mark:
            raise Conflict
        _switch_lists(mailbox, now.wanted, wish.wanted)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(links_only=wish.links_only)
        _change_pace(mailbox, now, wish)
        for number, chosen in set(wish.followed) - set(now.followed):
            _follow_so(mailbox.followed.filter(pk=number), wish.pace if chosen == AS_ABOVE else chosen)


def _switch_lists(mailbox: Mailbox, before: frozenset[str], wanted: frozenset[str]) -> None:
    for kind in before ^ wanted:
        lists.switch(mailbox, Kind(kind), on=kind in wanted)


def _change_pace(mailbox: Mailbox, now: Choices, wish: Choices) -> None:
    """Store the pace of all, with everything that has gone with it so far, and the pace of the moderators' list."""
    if wish.pace != now.pace:
        for contact in mailbox.contacts:
            summaries = outbox.follow(contact, Kind.DIGEST)
            Subscription.objects.filter(pk=summaries.pk).update(pace=wish.pace)
        following.change_pace(mailbox.followed.filter(pace=now.pace), Pace(wish.pace))
    if wish.queue_pace != now.queue_pace:
        for contact in mailbox.contacts:
            queue = outbox.follow(contact, Kind.QUEUE)
            Subscription.objects.filter(pk=queue.pk).update(pace=wish.queue_pace)


def _follow_so(followed: SubscriptionQuerySet, chosen: str) -> None:
    """Stop one followed thing, or follow it (again) at a pace."""
    if chosen == STOPPED:
        outbox.end_all(followed)
    else:
        followed.update(ended_at=None)
        following.change_pace(followed, Pace(chosen))


def stop_everything(mailbox: Mailbox) -> None:
    """End every list and everything that is followed, at one moment, so that just this can be taken up again."""
    with transaction.atomic():
        mailbox = mailbox.locked()
        for choice in lists.of(mailbox):
            if choice.is_on:
                for contact in mailbox.contacts:
                    outbox.follow(contact, choice.kind)
        active = mailbox.subscriptions.active()
        if not active.exists():
            return
        now = timezone.now()
        # Followed again since everything was stopped before, and stopped once more: both are taken up together.
        stopped(mailbox).update(ended_at=now)
        outbox.end_all(active, now)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=now)


def stopped(mailbox: Mailbox) -> SubscriptionQuerySet:
    """Return what ended when the person stopped everything, and nothing else that has ended."""
    return mailbox.subscriptions.filter(ended_at__isnull=False, ended_at=F("contact__mail_stopped_at"))


def take_up_again(mailbox: Mailbox) -> int:
    """Begin again with exactly what stopping everything has stopped; return how much that was.

    What was owed in the meantime is not sent any more.
    """
    with transaction.atomic():
        mailbox = mailbox.locked()
        begun = stopped(mailbox).update(ended_at=None)
        Contact.objects.filter(pk__in=[contact.pk for contact in mailbox.contacts]).update(mail_stopped_at=None)
    return begun
