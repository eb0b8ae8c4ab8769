"""What the operator's page of mail shows: one mail in each state, and many that were refused."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Contact, User
from forum.models import Delivery

# As long as a row can hold, without a place to break.
LONGEST = f"SMTPDataError (554, '{'x' * 178}')"


def exhibits(member: User) -> dict[str, Any]:
    """Return the numbers that gallery.py needs. Nothing of it is due while the gallery is open."""
    now, later = timezone.now(), timezone.now() + timedelta(days=1)
    to = Contact.objects.for_user(member)
    guest = Contact.objects.create(confirmed_at=now)
    failing = {"attempts": 3, "next_attempt_at": later, "failing_since": now - timedelta(hours=3)}
    rows = {
        "owed": {"recipient": to, "next_attempt_at": later},
        "retrying": {"recipient": to, "last_error": "TimeoutError timed out", "bundle": "thread:0", **failing},
        "suppressed": {"recipient": guest, "last_error": "the mailbox does not exist or takes no mail."},
        "failed": {"recipient": guest, "attempts": 1, "failing_since": now, "last_error": LONGEST},
    }
    made = {
        state: Delivery.objects.create(kind=Delivery.Kind.PUBLISHED, event=f"shown-{state}", state=state, **fields)
        for state, fields in rows.items()
    }
    for number in range(30):
        about = {"kind": Delivery.Kind.REPLY, "event": f"shown-failed-{number}", "recipient": to, "state": "failed"}
        Delivery.objects.create(failing_since=now, last_error="SMTPDataError (554, 'no')", **about)
    return {"mail": {state: row.pk for state, row in made.items()}}
