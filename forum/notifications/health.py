"""Health of the mail for the operator: owed, late and failed mails, their age, alarms, and the worker's heartbeat.

Every query uses an index, and counts stop at a limit, so the cost does not grow with the mail sent.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from forum.models import Delivery
from forum.notifications.delivery.claim import DUE_STATES, ready

State = Delivery.State
# Beat queues it, a worker writes it to Redis, /readyz reads it.
HEARTBEAT_KEY = "worker-heartbeat"
COUNT_LIMIT = 1_000
# If an unsent mail is older than this, an operator should look, though nothing is lost.
LATE = timedelta(minutes=15)
# So many failed mails within two days are more than mistyped addresses.
MANY_FAILED = 5
LATELY = timedelta(days=2)
# Mail that is due is not sent; the mail server accepts none; many mails were refused permanently.
ALARMS = ("mail-late", "mail-server", "mail-failed")


@dataclass(frozen=True)
class MailHealth:
    """Numbers of mails (at most COUNT_LIMIT + 1 each) and ages in seconds (0 if there is none)."""

    owed: int
    retrying: int
    failed: int
    suppressed: int
    failed_lately: int
    oldest_due: float
    oldest_failing: float
    alarms: tuple[str, ...]

    @property
    def late_words(self) -> str:
        return _words(self.oldest_due)

    @property
    def failing_words(self) -> str:
        return _words(self.oldest_failing)


def mail_health() -> MailHealth:
    now = timezone.now()
    failing = _retrying().filter(failing_since__isnull=False).order_by("failing_since")
    oldest_failing = _age(failing.values_list("failing_since", flat=True).first(), now)
    oldest_due = _age(ready().order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first(), now)
    failed = list(in_state("failed").values_list("failing_since", flat=True)[: COUNT_LIMIT + 1])
    lately = sum(since is not None and since > now - LATELY for since in failed)
    rings = (oldest_due >= LATE.total_seconds(), _nothing_gets_through(now), lately >= MANY_FAILED)
    return MailHealth(
        owed=_count(in_state("owed")),
        retrying=_count(_retrying()),
        failed=len(failed),
        suppressed=_count(in_state("suppressed")),
        failed_lately=lately,
        oldest_due=oldest_due,
        oldest_failing=oldest_failing,
        alarms=tuple(compress(ALARMS, rings)),
    )


def in_state(shown: str) -> QuerySet[Delivery]:
    if shown == "owed":
        unsent = Delivery.objects.filter(state__one_of=DUE_STATES).exclude(state=State.RETRYING)
        return unsent.order_by(*order_of(shown))
    if shown == "retrying":
        return _retrying().order_by(*order_of(shown))
    # A bundle and its members are one mail, with one outcome.
    return Delivery.objects.filter(state=State(shown), gathered_into=None).order_by(*order_of(shown))


def order_of(shown: str) -> tuple[str, ...]:
    return ("next_attempt_at", "id") if shown == "owed" else ("-id",)


def _retrying() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.RETRYING)


def _nothing_gets_through(now: datetime) -> bool:
    """True if mail has failed for a while and no later mail was sent, so that it is not only one full mailbox."""
    late = _retrying().filter(failing_since__lte=now - LATE).order_by("-failing_since")
    last = late.values_list("pk", flat=True).first()
    return last is not None and not Delivery.objects.filter(pk__gt=last, state=State.SENT).exists()


def _count(rows: QuerySet[Delivery]) -> int:
    return rows.order_by()[: COUNT_LIMIT + 1].count()


def _words(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    number, unit = (minutes, "minute") if minutes < 120 else (minutes // 60, "hour")
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def write_heartbeat() -> None:
    cache.set(HEARTBEAT_KEY, time.time(), timeout=3600)


def heartbeat_age() -> float | None:
    """Return the seconds since a worker last wrote, or None if none ever did."""
    written = cache.get(HEARTBEAT_KEY)
    return None if written is None else max(0.0, time.time() - written)


def is_worker_alive() -> bool:
    seconds = heartbeat_age()
    return seconds is not None and seconds < 4 * settings.HEARTBEAT_SECONDS
