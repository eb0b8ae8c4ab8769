"""Moderators on call: who gets word of urgent posts at once."""

from typing import TYPE_CHECKING

from accounts.models import Contact
from forum.models import Subscription
from forum.notifications import subscriptions

if TYPE_CHECKING:
    from accounts.models import User


def is_on_call(moderator: "User") -> bool:
    """True for whoever asked for it and has not stopped it."""
    mine = Subscription.objects.active().filter(kind=Subscription.Kind.URGENT, contact__user=moderator)
    return mine.exists()


def begin(moderator: "User") -> None:
    """Mail the moderator urgent posts from now on."""
    subscriptions.resume(subscriptions.follow(Contact.objects.for_user(moderator), Subscription.Kind.URGENT))


def stop(moderator: "User") -> None:
    """Mail the moderator no urgent posts any more, nor what is still owed of them."""
    for subscription in Subscription.objects.filter(kind=Subscription.Kind.URGENT, contact__user=moderator):
        subscriptions.end(subscription)
