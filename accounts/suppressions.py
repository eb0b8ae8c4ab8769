"""Addresses that mail does not reach, by their keyed hashes: noting it, asking, and trying again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Suppression

Reason = Suppression.Reason
# After each return of a soft kind nothing is tried for twice as long as the last time; then not any more.
FIRST_PAUSE = timedelta(days=1)
MOST_SOFT = 5
# Returns further apart than this have nothing to do with each other.
FORGOTTEN_AFTER = timedelta(days=60)


def note(address_key: str, reason: Reason, detail: str = "") -> Suppression:
    """Note that mail to the address came back, or that its owner called it spam; `detail` without any address.

    A soft one pauses mail for a day, then two, four and eight; the fifth stops it. Nothing softens a hard one.
    """
    now = timezone.now()
    with transaction.atomic():
        row, new = Suppression.objects.select_for_update().get_or_create(
            address_key=address_key, defaults={"reason": reason, "count": 0, "created_at": now}
        )
        is_final = not new and row.until is None
        if reason == Reason.SOFT and is_final:
            return row
        old = row.changed_at < now - FORGOTTEN_AFTER
        row.count = 1 if old or reason != Reason.SOFT else row.count + 1
        row.reason, row.detail, row.changed_at = reason, detail[:200], now
        pauses = reason == Reason.SOFT and row.count < MOST_SOFT
        row.until = now + FIRST_PAUSE * 2 ** (row.count - 1) if pauses else None
        row.save()
    return row


def in_force(address_keys: list[str]) -> Suppression | None:
    """Return what keeps mail from these addresses now, if anything does."""
    found = Suppression.objects.filter(address_key__in=address_keys).order_by("-changed_at")
    now = timezone.now()
    return next((row for row in found if row.until is None or row.until > now), None)


def lift(address_keys: list[str]) -> int:
    """Try again: the owner says that mail arrives. Return how many were lifted."""
    return Suppression.objects.filter(address_key__in=address_keys).delete()[0]
