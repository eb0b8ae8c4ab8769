"""Sending one owed mail, step by step. The only reader of addresses (DESIGN 4, promise 1).

Each step that writes is a short transaction of its own, and none is open while the mail server is spoken to:
  1 claim     UPDATE ... WHERE due -> sending, with a lease; one row changed or somebody else has it (claiming.py);
              renewed beside all that follows, for as long as the process lives
  2 gather    what is due to the same person in the same bundle leaves with it; in the claim's transaction
  3 hold      of a burst about one thread the first left a moment ago: the rest waits
  4 compose   the text from what is true now; it may have become unwanted
  5 address   where the person gets mail today; there may be none any more
  6 suppress  not to an address whose mail comes back
  7 send      over MAIL_TRANSPORT, with the Message-ID that every try of this delivery has
  8 mark      sent, or retrying with backoff, or failed with its error for the operator to see (marking.py)
  9 forget    an address that was stored for this mail alone
 10 next      what has waited for this one to leave
A worker killed between 7 and 8 leaves a lease that runs out; the next try has the same Message-ID and tells the same.
"""

import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import suppressions
from accounts.addresses import key_of
from accounts.models import Contact, Suppression, User
from articles.text.markup import mask
from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import claim, outcome, refusals, return_paths
from forum.notifications.delivery.sign import SignedMail

# Longer than this one task does not go on with further mails to the same person; the sweep finds the rest.
ROUND_SECONDS = 15.0
# Their owner asked for them by hand a moment ago: perhaps the mailbox works again.
IN_SPITE_OF_BOUNCES = frozenset({Delivery.Kind.ACCOUNT, Delivery.Kind.CONFIRM, Delivery.Kind.DATA})


class Suppressed(Exception):
    """Mail to this address comes back; the text says what the mail server said."""


def deliver(delivery_id: int) -> None:
    """Send one mail if it is due and nobody else has it, then what waited for it; every outcome is written down."""
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("deliver() must not run inside a transaction: it talks to a mail server.")
    end = time.monotonic() + ROUND_SECONDS
    wanted: int | None = delivery_id
    while wanted is not None:
        delivery = claim.claim(wanted)
        if delivery is None:
            return
        with claim.held(delivery):
            _try(delivery)
        wanted = claim.next_after(delivery) if time.monotonic() < end else None


def _try(delivery: Delivery) -> None:
    """Compose and send what was claimed, and mark how that ended."""
    try:
        _hold_back_a_burst(delivery)
        _message(delivery).send()
    except mails.NotYet as later:
        outcome.postponed(delivery, later.until, later.why)
    except mails.NotWanted as reason:
        _end(delivery, Delivery.State.CANCELLED, str(reason))
    except Suppressed as reason:
        _end(delivery, Delivery.State.SUPPRESSED, str(reason))
    except Exception as error:  # a template, the mail server, a name that does not resolve: all end on the row
        _note_refusal(error)
        if outcome.failed(delivery, error):
            _forget(delivery)
    else:
        outcome.sent(delivery)
        _forget(delivery)


def _end(delivery: Delivery, state: Delivery.State, why: str) -> None:
    if outcome.ended(delivery, state, why):
        _forget(delivery)


def _hold_back_a_burst(delivery: Delivery) -> None:
    """Raise NotYet when the person has just had mail about the same thread: what follows leaves as one."""
    if delivery.attempts > 1 or not delivery.bundle.startswith("thread:"):
        return
    told = Delivery.objects.filter(recipient=delivery.recipient_id, bundle=delivery.bundle, state=Delivery.State.SENT)
    # That the bundle has a name is said to SQLite, which then takes the index of those that have one.
    last = told.exclude(bundle="").order_by("-sent_at").values_list("sent_at", flat=True).first()
    pause = timedelta(minutes=settings.REPLY_MAIL_MINUTES)
    # A last one in the future was written by a clock that has been put right since.
    if last and timedelta() <= timezone.now() - last < pause:
        raise mails.NotYet(last + pause)


def _message(delivery: Delivery) -> SignedMail:
    delivery.reply_to = return_paths.reply_to(delivery)
    mail = mails.compose(delivery)
    address = address_of(delivery.recipient)
    if delivery.kind not in IN_SPITE_OF_BOUNCES:
        _refuse_suppressed(delivery, address)
    message = SignedMail(
        subject=mail.subject,
        body=mail.text,
        # The envelope's sender, to whom bounces go; readers see the one in the header.
        from_email=return_paths.envelope_sender(delivery),
        to=[address],
        headers={**mail.headers, "From": settings.DEFAULT_FROM_EMAIL, "Message-ID": message_id(delivery)},
        connection=get_connection(settings.MAIL_TRANSPORT, **settings.MAIL_TRANSPORT_OPTIONS),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def message_id(delivery: Delivery) -> str:
    """Return the same Message-ID for every try, so that a mailbox can tell a second copy from a second mail."""
    return f"<{delivery.message_key.hex}@{settings.SITE_HOST}>"


def address_of(contact: Contact) -> str:
    """Return where the mail goes: a guest's own address, or the member's verified primary one."""
    if contact.user_id is None:
        found = contact.address
    else:
        verified = EmailAddress.objects.filter(user=contact.user_id, verified=True)
        found = verified.order_by("-primary", "pk").values_list("email", flat=True).first()
    if not found:
        raise mails.NotWanted("There is no address any more.")
    return found


def _refuse_suppressed(delivery: Delivery, address: str) -> None:
    """Raise Suppressed for an address whose mail comes back; NotYet when that is to be tried again some day.

    An operator who sends it by hand (outbox.send_again, outbox.hurry) tries it before that day.
    """
    found = suppressions.in_force([key_of(address)])
    by_hand = delivery.attempts > 1 and delivery.failing_since is None
    if found is None or (found.until and by_hand):
        return
    why = f"{found.get_reason_display()}. {found.detail}".strip()
    if found.until:
        raise mails.NotYet(found.until, f"{Delivery.PAUSED}{why}")
    raise Suppressed(why)


def _note_refusal(error: Exception) -> None:
    """Remember an address of which the mail server says that nobody is there: further mail would only annoy it."""
    refused = error.recipients if isinstance(error, SMTPRecipientsRefused) else {}
    for address, (code, words) in refused.items():
        answer = f"{code} {outcome.words_of(words)}"
        if code >= 500 and refusals.reason_for(answer) == Suppression.Reason.HARD:
            suppressions.suppress(key_of(address), Suppression.Reason.HARD, mask(answer))


def addresses_of(user: User | None, contacts: QuerySet[Contact]) -> list[str]:
    """Return the addresses stored for one person, for their own export: nobody else is ever shown them."""
    guests = set(contacts.filter(user=None).exclude(address="").values_list("address", flat=True))
    own = EmailAddress.objects.filter(user=user).values_list("email", flat=True) if user else []
    return sorted({*guests, *own})


def _forget(delivery: Delivery) -> None:
    """Forget the address that account mail brings along for itself alone."""
    if delivery.kind == Delivery.Kind.ACCOUNT:
        Contact.objects.filter(pk=delivery.recipient_id, user=None).update(address="", address_key="")
