"""Who is told that an answer was corrected."""

from forum.models import Delivery, LogEntry
from forum.notifications import announce, events, outbox, recipients


def tell_followers(entry: LogEntry) -> None:
    """Owe everybody who follows the question word of the correction, but not who made it.

    Whoever is still owed a mail about this answer is sent to the corrected text by that one.
    """
    reply = announce.moved(entry)
    unsent = Delivery.objects.filter(kind__in=events.ABOUT_REPLIES, post=reply, state__in=outbox.UNSENT)
    about = {"post": reply, "entry": entry, "next_attempt_at": outbox.settled_at(entry)}
    followers = recipients.followers_of(reply).exclude(contact__in=unsent.values("recipient"))
    told = [(follower.contact, follower) for follower in followers]
    outbox.owe_many(announce.kind_of(reply), f"corrected:{reply.pk}:{entry.version}", told, **about)
