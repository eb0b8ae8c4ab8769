"""Sending one owed mail: claim, compose, send, mark. The only reader of addresses (DESIGN 4, promise 1).

Steps, each its own short transaction, with no transaction open while the mail server is spoken to:
  1 claim   UPDATE ... WHERE due -> sending, with a lease; one row changed or somebody else has it
  2 compose the text from what is true now; it may have become unwanted
  3 send    over MAIL_TRANSPORT, with the Message-ID that every try of this delivery has
  4 mark    sent, or retrying with backoff, or failed with its error for the operator to see
A worker killed between 3 and 4 leaves a lease that runs out; the next try carries the same Message-ID.
"""

import logging
import random
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import Contact, User
from articles.markup import mask
from forum.models import Delivery
from forum.notifications import mails

log = logging.getLogger(__name__)

DUE_STATES = (Delivery.State.OWED, Delivery.State.SENDING, Delivery.State.RETRYING)
SWEEP_BATCH = 500
# With the default first pause of a minute, doubled each time up to four hours: a little over a day in all.
MAX_ATTEMPTS = 14
LONGEST_PAUSE = 4 * 3600


def due() -> QuerySet[Delivery]:
    """Return what should be on its way by now: owed, to be retried, or held by a worker whose lease ran out."""
    now = timezone.now()
    return Delivery.objects.filter(state__in=DUE_STATES, next_attempt_at__lte=now).order_by("next_attempt_at")[
        :SWEEP_BATCH
    ]


def deliver(delivery_id: int) -> None:
    """Send one mail if it is due and nobody else has it; every outcome is written to its row."""
    if transaction.get_connection().in_atomic_block:
        raise RuntimeError("deliver() must not run inside a transaction: it talks to a mail server.")
    delivery = claim(delivery_id)
    if delivery is None:
        return
    try:
        message = _message(delivery)
        message.send()
    except mails.NotYet as later:
        _mark(delivery, Delivery.State.OWED, next_attempt_at=later.until, attempts=F("attempts") - 1)
    except mails.NotWanted as reason:
        _finish(delivery, Delivery.State.CANCELLED, str(reason))
    except Exception as error:  # a template, the mail server, a name that does not resolve: all end on the row
        _note_failure(delivery, error)
    else:
        _finish(delivery, Delivery.State.SENT)


def claim(delivery_id: int) -> Delivery | None:
    """Take the delivery for the length of a lease; None when it is not due or another worker was faster."""
    now = timezone.now()
    lease = now + timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    row = Delivery.objects.filter(pk=delivery_id, state__in=DUE_STATES, next_attempt_at__lte=now)
    if not row.update(state=Delivery.State.SENDING, next_attempt_at=lease, attempts=F("attempts") + 1):
        return None
    about = ("post__question", "post__article", "entry", "report", "sanction", "request", "credential", "erasure")
    related = ("recipient__user", "subscription", "data_link", *about)
    return Delivery.objects.select_related(*related).get(pk=delivery_id)


def _message(delivery: Delivery) -> EmailMultiAlternatives:
    mail = mails.compose(delivery)
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[address_of(delivery.recipient)],
        headers={**mail.headers, "Message-ID": message_id(delivery)},
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


def addresses_of(user: User | None, contacts: QuerySet[Contact]) -> list[str]:
    """Return the addresses stored for one person, for their own export: nobody else is ever shown them."""
    guests = set(contacts.filter(user=None).exclude(address="").values_list("address", flat=True))
    own = EmailAddress.objects.filter(user=user).values_list("email", flat=True) if user else []
    return sorted({*guests, *own})


def _note_failure(delivery: Delivery, error: Exception) -> None:
    """Retry what may pass, with doubling pauses; give up on a refusal for good or after a day."""
    hopeless = _is_permanent(error) or delivery.attempts >= MAX_ATTEMPTS
    log.warning(
        "mail_failed" if hopeless else "mail_retry",
        extra={"delivery": delivery.pk, "attempt": delivery.attempts, "error": describe(error)},
    )
    if hopeless:
        _finish(delivery, Delivery.State.FAILED, describe(error))
        return
    pause = min(settings.MAIL_RETRY_SECONDS * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    later = timezone.now() + timedelta(seconds=pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    _mark(delivery, Delivery.State.RETRYING, next_attempt_at=later, last_error=describe(error))


def _is_permanent(error: Exception) -> bool:
    """True for the mail server's 5xx: asking again would only annoy it."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500


def describe(error: Exception) -> str:
    """Return the error for the operator: class and the server's words, without any address."""
    if isinstance(error, SMTPRecipientsRefused):
        details: Any = [(code, _words(text)) for code, text in error.recipients.values()]
    elif isinstance(error, SMTPResponseException):
        details = (error.smtp_code, _words(error.smtp_error))
    else:
        details = error.strerror if isinstance(error, OSError) else ""
    return mask(f"{type(error).__name__} {details or ''}".strip())[:200]


def _words(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _finish(delivery: Delivery, state: Delivery.State, error: str = "") -> None:
    """Mark the end of a delivery and forget what was stored for it alone."""
    sent_at = timezone.now() if state == Delivery.State.SENT else None
    _mark(delivery, state, sent_at=sent_at, last_error=error[:200], stored=None)
    if delivery.kind == Delivery.Kind.ACCOUNT:
        Contact.objects.filter(pk=delivery.recipient_id, user=None).update(address="", address_key="")


def _mark(delivery: Delivery, state: Delivery.State, **fields: Any) -> None:
    """Write the outcome, unless a later try of the same delivery has already written one."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.SENDING).update(state=state, **fields)
