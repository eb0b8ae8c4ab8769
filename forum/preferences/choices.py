"""Mail preferences of a person as one value, which the page shows, the form returns and the server compares."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from forum.models import Subscription
from forum.notifications import subscriptions
from forum.preferences import lists
from forum.preferences.mailbox import Mailbox

Pace = Subscription.Pace
# For one followed thing: the pace of all of them, or no mail.
AS_ABOVE, STOPPED = "as-above", "stopped"


@dataclass(frozen=True)
class Choices:
    wanted: frozenset[str]
    links_only: bool
    pace: str
    queue_pace: str
    # By the number of the subscription: a pace, AS_ABOVE or STOPPED.
    followed: tuple[tuple[int, str], ...]

    @property
    def mark(self) -> str:
        """Return a hash of the choices, which detects a form from an outdated page."""
        parts = (sorted(self.wanted), self.links_only, self.pace, self.queue_pace, sorted(self.followed))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]

    def in_short(self) -> "Choices":
        short = ((number, AS_ABOVE if pace == self.pace else pace) for number, pace in self.followed)
        return replace(self, followed=tuple(sorted(short)))


def choices_of(mailbox: Mailbox, shown: Iterable[Subscription]) -> Choices:
    wanted = frozenset(choice.kind.value for choice in lists.list_choices(mailbox) if choice.is_on)
    first = mailbox.contacts[0] if mailbox.contacts else None
    pace = subscriptions.pace_of(first) if first else Pace.AT_ONCE
    queue = mailbox.subscriptions.filter(kind=Subscription.Kind.QUEUE).values_list("pace", flat=True).first()
    followed = tuple((row.pk, str(row.pace) if row.is_active else STOPPED) for row in shown)
    links_only = any(contact.links_only for contact in mailbox.contacts)
    return Choices(wanted, links_only, pace.value, queue or Pace.AT_ONCE.value, followed).in_short()
