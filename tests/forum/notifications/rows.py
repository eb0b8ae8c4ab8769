"""Rows of the outbox as they stand in every state, without anything being sent."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery

HOUR = timedelta(hours=1)


def contact(address: str = "canary@guests.test") -> Contact:
    """Return a guest whose address is confirmed."""
    return Contact.objects.create(address=address, address_key="key", confirmed_at=timezone.now())


def mail(state: str, to: Contact | None = None, **fields: Any) -> Delivery:
    """Return a mail in the state, with what belongs to it."""
    now = timezone.now()
    usual: dict[str, dict[str, Any]] = {
        "retrying": {"attempts": 2, "next_attempt_at": now + HOUR, "failing_since": now, "last_error": "TimeoutError"},
        "failed": {"attempts": 1, "failing_since": now, "last_error": "SMTPDataError (554, 'no')"},
        "suppressed": {"attempts": 1, "last_error": "the mailbox does not exist or takes no mail"},
        "sent": {"attempts": 1, "sent_at": now},
        "sending": {"attempts": 1, "next_attempt_at": now + HOUR},
    }
    number = Delivery.objects.count()
    made = {"kind": Delivery.Kind.PUBLISHED, "event": f"event-{number}", "recipient": to or contact()}
    return Delivery.objects.create(**{**made, "state": state, **usual.get(state, {}), **fields})
