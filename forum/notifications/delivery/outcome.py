"""Outcome of one attempt to send a mail, written in one transaction to its row and to those gathered into it.

A worker's lease may have run out, and another worker may have the mail. `attempts` distinguishes the claims, so that
only the later one's failure counts. A success counts from either: the mail was sent.
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles.text.markup import mask
from forum.models import Delivery

log = logging.getLogger(__name__)

State = Delivery.State
# A little over a day in all: the first pause is a minute by default and doubles up to four hours.
MAX_ATTEMPTS = 14
MAX_PAUSE_SECONDS = 4 * 3600
# Errors about the connection, not about the mail: the operator corrects a wrong password, and no mail is lost.
NOT_ABOUT_THE_MAIL = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError)
LEFT_OUT = "No longer true when the rest was sent."
# Seconds between tries: without them a locked database would lead to a second copy of a mail that was sent.
MARK_PAUSES = (0.1, 0.5, 2.0, 5.0)


def sent(delivery: Delivery) -> None:
    told = {member.pk for member in delivery.members}
    now = timezone.now()

    def write() -> bool:
        with transaction.atomic():
            row = Delivery.objects.filter(pk=delivery.pk, state__in=(State.SENDING, State.RETRYING))
            taken = {"state": State.SENT, "sent_at": now, "last_error": "", "stored": None}
            left_out = {"state": State.CANCELLED, "last_error": LEFT_OUT, "stored": None}
            if row.update(**(taken if delivery.pk in told else left_out)) and delivery.bundle:
                gathered(delivery).filter(pk__in=told).update(**taken)
                gathered(delivery).update(**left_out)
        return True

    _surely(write)


def ended(delivery: Delivery, state: Delivery.State, reason: str, **fields: Any) -> bool:
    """`reason` is for the operator; return False if another worker has the mail."""
    outcome = {"state": state, "last_error": reason[:200], "stored": None, **fields}

    def write() -> bool:
        with transaction.atomic():
            mine = _mine(delivery).update(**outcome)
            if mine and delivery.bundle:
                gathered(delivery).update(**outcome)
        return bool(mine)

    return _surely(write)


def postponed(delivery: Delivery, until: datetime, reason: str = "") -> None:
    """Queue all members again, each on its own; the attempt does not count."""
    with transaction.atomic():
        waits = {"state": State.OWED, "next_attempt_at": until, "last_error": reason[:200]}
        if _mine(delivery).update(**waits, attempts=F("attempts") - 1) and delivery.bundle:
            gathered(delivery).update(**waits, gathered_into=None)


def failed(delivery: Delivery, error: Exception) -> bool:
    """Retry with exponential backoff; on a permanent error or after MAX_ATTEMPTS mark as failed and return True."""
    hopeless = is_permanent(error) or delivery.attempts >= MAX_ATTEMPTS
    words = describe(error)
    log.warning(
        "mail_failed" if hopeless else "mail_retry",
        extra={"delivery": delivery.pk, "attempt": delivery.attempts, "error": words},
    )
    now = timezone.now()
    since = Coalesce(F("failing_since"), now)
    if hopeless:
        return ended(delivery, State.FAILED, words, failing_since=since)
    pause = min(settings.MAIL_RETRY_SECONDS * 2 ** (delivery.attempts - 1), MAX_PAUSE_SECONDS)
    later = now + timedelta(seconds=pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    again = {"state": State.RETRYING, "next_attempt_at": later, "last_error": words, "failing_since": since}
    _mine(delivery).update(**again)
    return False


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)


def gathered(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(gathered_into=delivery, state=State.GATHERED)


def _surely(write: Callable[[], bool]) -> bool:
    for pause in MARK_PAUSES:
        try:
            return write()
        except OperationalError:
            time.sleep(pause)
    return write()


def is_permanent(error: Exception) -> bool:
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, NOT_ABOUT_THE_MAIL):
        return False
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500


def describe(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        details: Any = [(code, words_of(text)) for code, text in error.recipients.values()]
    elif isinstance(error, SMTPResponseException):
        details = (error.smtp_code, words_of(error.smtp_error))
    else:
        details = error.strerror if isinstance(error, OSError) else ""
    return mask(f"{type(error).__name__} {details or ''}".strip())[:200]


def words_of(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
