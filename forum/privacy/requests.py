"""What people ask for: the link to their own data, to be erased, and to take that back. One transaction each."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import addresses, erasing
from accounts.models import Contact, DataLink, Erasure
from forum.models import Delivery
from forum.notifications import outbox
from forum.privacy import ledger
from forum.privacy.subject import Subject

MAIL_AFTER = timedelta(seconds=5)


class LastOperator(Exception):
    """Nobody else could look after the site's accounts."""


def send_link(address: str) -> None:
    """Mail a link to whoever wrote as a guest from the address, within the day's limit.

    Unconfirmed posts count too: whoever reads the mail of an address may see what was written in its name. For an
    address that nobody wrote from the link is made as well, and nobody gets it: the answer so takes the same time. For
    the same reason the sweep sends the mail a little later, and no worker is woken while the answer is on its way.
    """
    key = addresses.key_of(address)
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
    """Return one of the guest's contacts that still has the address; a confirmed one before the others."""
    theirs = Contact.objects.filter(user=None, address_key=key, posts__isnull=False)
    return theirs.order_by("confirmed_at", "-pk").last() if key else None


def _had_enough(key: str) -> bool:
    since = timezone.now() - timedelta(days=1)
    return (
        DataLink.objects.filter(address_key=key, created_at__gte=since).count() >= settings.DATA_LINKS_PER_ADDRESS_DAY
    )


def open_link(token: str) -> DataLink | None:
    """Return the link if it still works."""
    return DataLink.objects.filter(token=token, expires_at__gt=timezone.now()).first()


def open_erasure(subject: Subject) -> Erasure | None:
    """Return the person's erasure that is to come."""
    whose = {"user": subject.user} if subject.user else {"address_key__in": subject.keys}
    return Erasure.objects.filter(**whose, cancelled_at=None, done_at=None).first()


def ask(subject: Subject, *, keep_posts: bool) -> Erasure:
    """Set the erasure for when the time to change one's mind is over, and owe the mail that says so.

    Asked for twice it is one; the later choice counts. Raises LastOperator.
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
        # The second half of a double click: the first one's transaction won.
        first = open_erasure(subject)
        if first is None:
            raise
        return first
    return erasure


def take_back(erasure: Erasure) -> bool:
    """Let nothing be erased after all; False once the time is over or it is done.

    The ledger hears of it: an older copy of the database would still hold the wish.
    """
    with transaction.atomic():
        row = Erasure.objects.filter(pk=erasure.pk, cancelled_at=None, done_at=None, due_at__gt=timezone.now())
        if not row.update(cancelled_at=timezone.now(), address_key=""):
            return False
        ledger.note(ledger.TAKEN_BACK, [erasure.token])
    return True
