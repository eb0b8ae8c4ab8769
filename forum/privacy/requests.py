"""Requests about personal data: the link to one's own data, erasure, and its cancellation. One transaction each."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import erasing
from accounts.models import Contact, DataLink, Erasure
from accounts.models.contacts import key_of
from forum.models import Delivery
from forum.notifications import outbox
from forum.privacy import ledger
from forum.privacy.subject import Subject

MAIL_AFTER = timedelta(seconds=5)


class LastOperator(Exception):
    """The person is the only superuser: nobody else could administer the site's accounts."""


def send_link(address: str) -> None:
    """Mail a data link to the guest of the address, within the daily limit.

    Unconfirmed posts count too: people who can read the mailbox may see what was written in its name. Against user
    enumeration the link is also created for an unknown address, without a mail; the response then takes the same time.
    For the same reason the sweep sends the mail a few seconds later, and no worker is notified during the response.
    """
    key = key_of(address)
    contact = _mailbox(key)
    if _had_enough(key):
        return
    now = timezone.now()
    with transaction.atomic():
        link = DataLink.objects.create(address_key=key, expires_at=now + timedelta(hours=settings.DATA_LINK_HOURS))
        if contact is not None:
            event = f"data:{link.pk}"
            outbox.owe(Delivery.Kind.DATA, event, contact, data_link=link, next_attempt_at=now + MAIL_AFTER)


def _mailbox(key: str) -> Contact | None:
    theirs = Contact.objects.filter(user=None, address_key=key, posts__isnull=False)
    return theirs.order_by("confirmed_at", "-pk").last() if key else None


def _had_enough(key: str) -> bool:
    since = timezone.now() - timedelta(days=1)
    return (
        DataLink.objects.filter(address_key=key, created_at__gte=since).count() >= settings.DATA_LINKS_PER_ADDRESS_DAY
    )


def open_link(token: str) -> DataLink | None:
    return DataLink.objects.filter(token=token, expires_at__gt=timezone.now()).first()


def open_erasure(subject: Subject) -> Erasure | None:
    whose = {"user": subject.user} if subject.user else {"address_key__in": subject.keys}
    return Erasure.objects.filter(**whose, cancelled_at=None, done_at=None).first()


def request_erasure(subject: Subject, *, keep_posts: bool) -> Erasure:
    """Schedule the erasure after ERASURE_HOURS and queue the mail about it. Raises LastOperator.

    A second request returns the first erasure with the new choice about posts.
    """
    if subject.user and erasing.is_last_operator(subject.user):
        raise LastOperator
    known = open_erasure(subject)
    if known:
        Erasure.objects.filter(pk=known.pk, done_at=None).update(keep_posts=keep_posts)
        return known
    due = timezone.now() + timedelta(hours=settings.ERASURE_HOURS)
    whose = {"user": subject.user} if subject.user else {"address_key": subject.keys[0]}
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(**whose, keep_posts=keep_posts, due_at=due)
            contact = Contact.objects.for_user(subject.user) if subject.user else _mailbox(subject.keys[0])
            if contact:
                outbox.owe(Delivery.Kind.ERASURE, f"erasure:{erasure.pk}", contact, erasure=erasure)
    except IntegrityError:
        # A double click: the first request's transaction won.
        first = open_erasure(subject)
        if first is None:
            raise
        return first
    return erasure


def cancel_erasure(erasure: Erasure) -> bool:
    """Return False once it is due or done.

    The cancellation is written to the ledger, since a restored copy of the database may still hold the request.
    """
    with transaction.atomic():
        row = Erasure.objects.filter(pk=erasure.pk, cancelled_at=None, done_at=None, due_at__gt=timezone.now())
        if not row.update(cancelled_at=timezone.now(), address_key=""):
            return False
        ledger.record_event(ledger.TAKEN_BACK, [erasure.token])
    return True
