"""Mail lists that can be switched off one by one: a subscription for each; without a row, LISTS has the default."""

from dataclasses import dataclass

from accounts.credentials import PERMISSION as CHECKS
from forum.models import Subscription
from forum.notifications import subscriptions
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
MODERATES, ANSWERS = "forum.moderate_posts", "forum.answer_as_physician"
# Required permission, and whether the list is on by default. Being on call needs an explicit choice.
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
    kind: Kind
    is_on: bool

    @property
    def label(self) -> str:
        return str(self.kind.label)


def list_choices(mailbox: Mailbox) -> list[Choice]:
    """For a guest with several questions a list is on if it is on for one of them."""
    stored = list(mailbox.subscriptions.filter(post=None, article=None, topic=None))
    offered = [(kind, default) for kind, (needed, default) in LISTS.items() if mailbox.may(needed)]
    return [
        Choice(kind, _is_on([row for row in stored if row.kind == kind], mailbox, default)) for kind, default in offered
    ]


def _is_on(rows: list[Subscription], mailbox: Mailbox, default: bool) -> bool:
    undecided = len(rows) < max(1, len(mailbox.contacts))
    return any(row.is_active for row in rows) or (default and undecided)


def switch(mailbox: Mailbox, kind: Kind, *, on: bool) -> None:
    for contact in mailbox.contacts:
        subscription = subscriptions.follow(contact, kind)
        if on:
            subscriptions.resume(subscription)
        else:
            subscriptions.end(subscription)
