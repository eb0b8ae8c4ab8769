"""Who hears that moderators ask for an answer: the physician whom they name."""

from accounts.models import Contact, User
from forum.models import Delivery, LogEntry, Post, Subscription
from forum.notifications import outbox, subscriptions


def tell(question: Post, physician: User, entry: LogEntry) -> None:
    """Owe a physician word that a question waits for them: `entry` routed it, or has made it public since."""
    if physician.pk in {entry.actor_id, question.author_id}:
        return
    contact = Contact.objects.for_user(physician)
    subscription = subscriptions.follow(contact, Subscription.Kind.ROUTED)
    if subscription.is_active:
        due = {"next_attempt_at": outbox.settled_at(entry), "subscription": subscription}
        outbox.owe(Delivery.Kind.ROUTED, f"routed:{entry.pk}", contact, post=question, entry=entry, **due)


def tell_when_public(question: Post, physician: User, entry: LogEntry) -> None:
    """Tell the physician when `entry` makes the question public, for the first time or again; only once."""
    told = Delivery.objects.filter(kind=Delivery.Kind.ROUTED, post=question, recipient__user=physician)
    if not told.exclude(state=Delivery.State.CANCELLED).exists():
        tell(question, physician, entry)
