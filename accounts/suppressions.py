"""Suppression list: addresses that bounced or complained, by keyed hash."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Suppression

Reason = Suppression.Reason
# The pause after a soft bounce doubles each time; after MAX_SOFT_BOUNCES nothing is sent any more.
FIRST_PAUSE = timedelta(days=1)
MAX_SOFT_BOUNCES = 5
# Bounces further apart than this do not add up.
FORGOTTEN_AFTER = timedelta(days=60)


def suppress(address_key: str, reason: Reason, detail: str = "") -> Suppression:
    """Record a bounce or a complaint; `detail` must hold no address.

    A soft bounce pauses mail for one day, then two, four and eight; the fifth stops it. A later soft bounce does not
    change a hard one.
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
        pauses = reason == Reason.SOFT and row.count < MAX_SOFT_BOUNCES
        row.until = now + FIRST_PAUSE * 2 ** (row.count - 1) if pauses else None
        row.save()
    return row


def in_force(address_keys: list[str]) -> Suppression | None:
    found = Suppression.objects.filter(address_key__in=address_keys).order_by("-changed_at")
    now = timezone.now()
    return next((row for row in found if row.until is None or row.until > now), None)


def lift(address_keys: list[str]) -> int:
    return Suppression.objects.filter(address_key__in=address_keys).delete()[0]
