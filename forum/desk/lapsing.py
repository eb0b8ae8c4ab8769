"""A physician is told, once, that their claim on a question will lapse."""

from forum import late
from forum.models import Delivery, Subscription
from forum.notifications import outbox, recipients
from forum.notifications.mails.physicians import claim_event

# In one round; the rest is for the next one, minutes later.
MOST = 200


def remind() -> int:
    """Owe word of each claim that will lapse soon; return of how many. Told once, however often this runs."""
    rows = list(late.lapsing_claims().select_related("question")[:MOST])
    if not rows:
        return 0
    claiming = {row.claimed_by_id for row in rows}
    contacts = [contact for contact in recipients.physician_contacts() if contact.user_id in claiming]
    readers = outbox.readers_of(Subscription.Kind.CLAIMS, contacts)
    reading = {reader.contact.user_id: reader for reader in readers}
    for row in rows:
        reader = reading.get(row.claimed_by_id)
        if reader is not None:
            about = {"post": row.question, "subscription": reader}
            outbox.owe(Delivery.Kind.CLAIM, claim_event(row), reader.contact, **about)
    return len(rows)
