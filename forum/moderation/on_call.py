"""Moderators on call, who get a mail about each urgent post at once."""

from typing import TYPE_CHECKING

from accounts.models import Contact
from forum.models import Subscription
from forum.notifications import outbox

if TYPE_CHECKING:
    from accounts.models import User


def is_on_call(moderator: "User") -> bool:
    mine = Subscription.objects.active().filter(kind=Subscription.Kind.URGENT, contact__user=moderator)
    return mine.exists()


def begin(moderator: "User") -> None:
    outbox.resume(outbox.follow(Contact.objects.for_user(moderator), Subscription.Kind.URGENT))


def stop(moderator: "User") -> None:
    for subscription in Subscription.objects.filter(kind=Subscription.Kind.URGENT, contact__user=moderator):
        outbox.end(subscription)
