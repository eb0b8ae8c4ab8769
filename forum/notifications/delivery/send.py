"""Sending one queued mail, step by step. The only reader of addresses (DESIGN 4, promise 1).

Each step that writes has its own short transaction, and none is open while the mail server is spoken to:
  1 claim     UPDATE ... WHERE due -> sending, with a lease; no row changed: another worker has it (delivery/claim.py);
              renewed during all that follows, while the process lives
  2 gather    due deliveries of the same bundle to the same person leave with it; in the transaction of the claim
  3 hold      when a mail about the same thread was sent a moment ago, the rest waits and leaves as one
  4 compose   the text from the present data; the mail may be unwanted by now
  5 address   where the person gets mail now; there may be no address any more
  6 suppress  not to an address that bounces
  7 send      over MAIL_TRANSPORT, with the same Message-ID at every attempt
  8 mark      sent, or retrying with backoff, or failed with its error for the operator (delivery/outcome.py)
  9 forget    an address that was stored for this mail only
 10 next      the mail that has waited for this one
A worker killed between 7 and 8 leaves a lease that runs out; the retry has the same Message-ID and the same content.
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
from accounts.models import Contact, Suppression, User
from accounts.models.contacts import key_of
from articles.text.markup import mask
from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import claim, outcome, refusals, return_paths
from forum.notifications.delivery.sign import SignedMail

# After this time a task starts no more mails to the same person; the sweep finds them.
ROUND_SECONDS = 15.0
# Kinds that the owner has just asked for: the mailbox may work again.
DESPITE_SUPPRESSION = frozenset({Delivery.Kind.ACCOUNT, Delivery.Kind.CONFIRM, Delivery.Kind.DATA})


class Suppressed(Exception):
    pass


def deliver(delivery_id: int) -> None:
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
    try:
        _hold_back_a_burst(delivery)
        _message(delivery).send()
    except mails.NotYet as later:
        outcome.postponed(delivery, later.until, later.reason)
    except mails.NotWanted as reason:
        _end(delivery, Delivery.State.CANCELLED, str(reason))
    except Suppressed as reason:
        _end(delivery, Delivery.State.SUPPRESSED, str(reason))
    except Exception as error:  # of a template, the mail server or DNS: the row records it
        _note_refusal(error)
        if outcome.failed(delivery, error):
            _forget(delivery)
    else:
        outcome.sent(delivery)
        _forget(delivery)


def _end(delivery: Delivery, state: Delivery.State, reason: str) -> None:
    if outcome.ended(delivery, state, reason):
        _forget(delivery)


def _hold_back_a_burst(delivery: Delivery) -> None:
    """Raise NotYet if the person has just had mail about this thread: the next ones are sent as one mail."""
    if delivery.attempts > 1 or not delivery.bundle.startswith("thread:"):
        return
    told = Delivery.objects.filter(recipient=delivery.recipient_id, bundle=delivery.bundle, state=Delivery.State.SENT)
    # The condition lets SQLite use the partial index on named bundles.
    last = told.exclude(bundle="").order_by("-sent_at").values_list("sent_at", flat=True).first()
    pause = timedelta(minutes=settings.REPLY_MAIL_MINUTES)
    # A time in the future comes from a clock that was wrong and has been corrected.
    if last and timedelta() <= timezone.now() - last < pause:
        raise mails.NotYet(last + pause)


def _message(delivery: Delivery) -> SignedMail:
    delivery.reply_to = return_paths.reply_to(delivery)
    mail = mails.compose(delivery)
    address = address_of(delivery.recipient)
    if delivery.kind not in DESPITE_SUPPRESSION:
        _refuse_suppressed(delivery, address)
    message = SignedMail(
        subject=mail.subject,
        body=mail.text,
        # The envelope sender, for bounces; readers see the From header below.
        from_email=return_paths.envelope_sender(delivery),
        to=[address],
        headers={**mail.headers, "From": settings.DEFAULT_FROM_EMAIL, "Message-ID": message_id(delivery)},
        connection=get_connection(settings.MAIL_TRANSPORT, **settings.MAIL_TRANSPORT_OPTIONS),
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def message_id(delivery: Delivery) -> str:
    """Return the same Message-ID for every attempt, so that a mailbox can recognise a second copy."""
    return f"<{delivery.message_key.hex}@{settings.SITE_HOST}>"


def address_of(contact: Contact) -> str:
    if contact.user_id is None:
        found = contact.address
    else:
        verified = EmailAddress.objects.filter(user=contact.user_id, verified=True)
        found = verified.order_by("-primary", "pk").values_list("email", flat=True).first()
    if not found:
        raise mails.NotWanted("There is no address any more.")
    return found


def _refuse_suppressed(delivery: Delivery, address: str) -> None:
    """Raise Suppressed for an address that bounces, and NotYet for a pause unless an operator tries it again."""
    found = suppressions.in_force([key_of(address)])
    by_hand = delivery.attempts > 1 and delivery.failing_since is None
    if found is None or (found.until and by_hand):
        return
    reason = f"{found.get_reason_display()}. {found.detail}".strip()
    if found.until:
        raise mails.NotYet(found.until, f"{Delivery.PAUSED}{reason}")
    raise Suppressed(reason)


def _note_refusal(error: Exception) -> None:
    # More mail to an address that does not exist harms the sender's reputation.
    refused = error.recipients if isinstance(error, SMTPRecipientsRefused) else {}
    for address, (code, words) in refused.items():
        answer = f"{code} {outcome.words_of(words)}"
        if code >= 500 and refusals.reason_for(answer) == Suppression.Reason.HARD:
            suppressions.suppress(key_of(address), Suppression.Reason.HARD, mask(answer))


def addresses_of(user: User | None, contacts: QuerySet[Contact]) -> list[str]:
    """Return the addresses stored for one person, only for that person's own export."""
    guests = set(contacts.filter(user=None).exclude(address="").values_list("address", flat=True))
    own = EmailAddress.objects.filter(user=user).values_list("email", flat=True) if user else []
    return sorted({*guests, *own})


def _forget(delivery: Delivery) -> None:
    if delivery.kind == Delivery.Kind.ACCOUNT:
        Contact.objects.filter(pk=delivery.recipient_id, user=None).update(address="", address_key="")
