"""Which mail a member wants: one subscription for each list; no row means what the list begins with."""

from dataclasses import dataclass

from django.db import transaction

from accounts.credentials import PERMISSION as CHECKS
from accounts.models import Contact, User
from forum.models import Subscription
from forum.notifications import outbox

Kind = Subscription.Kind
# Needed for each list, and whether who does not say anything gets it. Being on call is for who asks for it.
LISTS: dict[Kind, tuple[str, bool]] = {
    Kind.DECISIONS: ("", True),
    Kind.REPLIES: ("", True),
    Kind.QUEUE: ("forum.moderate_posts", True),
    Kind.URGENT: ("forum.moderate_posts", False),
    Kind.OPINION: ("forum.answer_as_physician", True),
    Kind.ROUTED: ("forum.answer_as_physician", True),
    Kind.DESK: ("forum.answer_as_physician", True),
    Kind.CHECKERS: (CHECKS, True),
}


@dataclass(frozen=True)
class Choice:
    """One kind of mail that the person may get, and whether they get it."""

    kind: Kind
    is_on: bool

    @property
    def label(self) -> str:
        """What it tells of, in words."""
        return str(self.kind.label)


def of(user: User) -> list[Choice]:
    """Return the choices that the person has in their roles; one query, and those for the permissions."""
    rows = Subscription.objects.filter(contact__user=user.pk, post=None)
    stored = {Kind(row.kind): row.is_active for row in rows}
    open_to = [(kind, begins) for kind, (needed, begins) in LISTS.items() if not needed or user.has_perm(needed)]
    return [Choice(kind, stored.get(kind, begins)) for kind, begins in open_to]


def save(user: User, wanted: set[Kind]) -> None:
    """Store which of their lists the person wants; what is owed because of another one does not leave."""
    with transaction.atomic():
        contact = Contact.objects.for_user(user)
        for choice in of(user):
            if (choice.kind in wanted) == choice.is_on:
                continue
            subscription = outbox.follow(contact, choice.kind)
            if choice.kind in wanted:
                outbox.resume(subscription)
            else:
                outbox.end(subscription)


def stop_everything(user: User) -> None:
    """End every list and every question that the person follows."""
    with transaction.atomic():
        save(user, set())
        followed = Subscription.objects.active().filter(contact__user=user.pk, kind=Kind.THREAD)
        for subscription in followed:
            outbox.end(subscription)
