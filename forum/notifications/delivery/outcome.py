"""How a try ended, written to its row and to what left with it, in one transaction.

A worker may be overtaken: its lease ran out and another one has the mail now. `attempts` tells their claims apart,
so that only the later one's failure counts. That a mail was sent is true whoever says so.
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
# With the default first pause of a minute, doubled each time up to four hours: a little over a day in all.
MAX_ATTEMPTS = 14
LONGEST_PAUSE = 4 * 3600
# Said of us or of the moment, not of this mail: a wrong password is put right, and the mail is not lost.
NOT_ABOUT_THE_MAIL = (SMTPAuthenticationError, SMTPConnectError, SMTPHeloError)
LEFT_OUT = "No longer true when the rest was sent."
# A database that is locked for a moment must not make a second copy of a mail that has just left.
MARK_PAUSES = (0.1, 0.5, 2.0, 5.0)


def sent(delivery: Delivery) -> None:
    """The mail server took it: so says the row of everything that the mail told; what it left out was not wanted."""
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


def ended(delivery: Delivery, state: Delivery.State, why: str, **fields: Any) -> bool:
    """It will not be sent: given up, no longer wanted, or not to this address; `why` is for the operator.

    Return False when somebody else has the mail by now.
    """
    outcome = {"state": state, "last_error": why[:200], "stored": None, **fields}

    def write() -> bool:
        with transaction.atomic():
            mine = _mine(delivery).update(**outcome)
            if mine and delivery.bundle:
                gathered(delivery).update(**outcome)
        return bool(mine)

    return _surely(write)


def postponed(delivery: Delivery, until: datetime, why: str = "") -> None:
    """It was too early: everything waits for that time by itself, and the try does not count."""
    with transaction.atomic():
        waits = {"state": State.OWED, "next_attempt_at": until, "last_error": why[:200]}
        if _mine(delivery).update(**waits, attempts=F("attempts") - 1) and delivery.bundle:
            gathered(delivery).update(**waits, gathered_into=None)


def failed(delivery: Delivery, error: Exception) -> bool:
    """Retry what may pass, with doubling pauses; give up, and say so, on a refusal for good or after a day."""
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
    pause = min(settings.MAIL_RETRY_SECONDS * 2 ** (delivery.attempts - 1), LONGEST_PAUSE)
    later = now + timedelta(seconds=pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
    again = {"state": State.RETRYING, "next_attempt_at": later, "last_error": words, "failing_since": since}
    _mine(delivery).update(**again)
    return False


def _mine(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row, unless somebody else has claimed it since or has written an outcome."""
    return Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)


def gathered(delivery: Delivery) -> QuerySet[Delivery]:
    """Return what leaves with the delivery."""
    return Delivery.objects.filter(gathered_into=delivery, state=State.GATHERED)


def _surely(write: Callable[[], bool]) -> bool:
    """Write, and try again for some seconds while the database cannot."""
    for pause in MARK_PAUSES:
        try:
            return write()
        except OperationalError:
            time.sleep(pause)
    return write()


def is_permanent(error: Exception) -> bool:
    """True for the mail server's 5xx about this mail: asking again would only annoy it."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, NOT_ABOUT_THE_MAIL):
        return False
    return isinstance(error, SMTPResponseException) and error.smtp_code >= 500


def describe(error: Exception) -> str:
    """Return the error for the operator: class and the server's words, without any address."""
    if isinstance(error, SMTPRecipientsRefused):
        details: Any = [(code, words_of(text)) for code, text in error.recipients.values()]
    elif isinstance(error, SMTPResponseException):
        details = (error.smtp_code, words_of(error.smtp_error))
    else:
        details = error.strerror if isinstance(error, OSError) else ""
    return mask(f"{type(error).__name__} {details or ''}".strip())[:200]


def words_of(answer: bytes | str) -> str:
    """Return what a mail server said."""
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
