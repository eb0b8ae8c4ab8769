"""The kinds of mail that can be switched off one by one: a subscription for each; no row means what it begins with."""

from dataclasses import dataclass

from accounts.credentials import PERMISSION as CHECKS
from forum.models import Subscription
from forum.notifications import subscriptions
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
MODERATES, ANSWERS = "forum.moderate_posts", "forum.answer_as_physician"
# Needed for each list, and whether who does not say anything gets it. Being on call is for who asks for it.
LISTS: dict[Kind, tuple[str, bool]] = {
    Kind.DECISIONS: ("", True),
    Kind.REPLIES: ("", True),
    Kind.ANSWERS: ("", True),
    Kind.DIGEST: ("", True),
    Kind.QUEUE: (MODERATES, True),
    Kind.ESCALATION: (MODERATES, True),
    Kind.URGENT: (MODERATES, False),
    Kind.OPINION: (ANSWERS, True),
    Kind.ROUTED: (ANSWERS, True),
    Kind.CLAIMS: (ANSWERS, True),
    Kind.DESK: (ANSWERS, True),
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


def of(mailbox: Mailbox) -> list[Choice]:
    """Return the choices that the person has in their roles; one query, and those for the permissions.

    A guest who asked more than once gets what is on for one of the questions.
    """
    stored = list(mailbox.subscriptions.filter(post=None, article=None, topic=None))
    offered = [(kind, begins) for kind, (needed, begins) in LISTS.items() if mailbox.may(needed)]
    return [
        Choice(kind, _is_on([row for row in stored if row.kind == kind], mailbox, begins)) for kind, begins in offered
    ]


def _is_on(rows: list[Subscription], mailbox: Mailbox, begins: bool) -> bool:
    unsaid = len(rows) < max(1, len(mailbox.contacts))
    return any(row.is_active for row in rows) or (begins and unsaid)


def switch(mailbox: Mailbox, kind: Kind, *, on: bool) -> None:
    """Begin or stop one list; what is owed because of one that stops does not leave."""
    for contact in mailbox.contacts:
        subscription = subscriptions.follow(contact, kind)
        if on:
            subscriptions.resume(subscription)
        else:
            subscriptions.end(subscription)
