"""Mailbox: the contacts of a member, or all guest contacts with the same confirmed address."""

from dataclasses import dataclass

from accounts.models import Contact, User
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet

FOLLOWING = (Subscription.Kind.THREAD, Subscription.Kind.ARTICLE, Subscription.Kind.TOPIC)


@dataclass(frozen=True)
class Mailbox:
    """A member who never got mail has no contact, and reading creates none."""

    contacts: tuple[Contact, ...]
    user: User | None = None

    @classmethod
    def of_member(cls, user: User) -> "Mailbox":
        return cls(tuple(Contact.objects.filter(user=user)), user)

    @classmethod
    def of_guest(cls, contact_id: int) -> "Mailbox | None":
        """Return None if the address was deleted or is not confirmed."""
        guests = Contact.objects.filter(user=None, confirmed_at__isnull=False).exclude(address_key="")
        asked = guests.filter(pk=contact_id).values("address_key")
        return cls(found) if (found := tuple(guests.filter(address_key__in=asked).order_by("pk"))) else None

    def locked(self) -> "Mailbox":
        """Lock the rows for the transaction; creates a member's contact if there is none."""
        if self.user is not None and not self.contacts:
            Contact.objects.for_user(self.user)
        mine = Contact.objects.filter(user=self.user) if self.user else Contact.objects.filter(pk__in=self._ids)
        return Mailbox(tuple(mine.order_by("pk").select_for_update()), self.user)

    @property
    def _ids(self) -> list[int]:
        return [contact.pk for contact in self.contacts]

    @property
    def subscriptions(self) -> SubscriptionQuerySet:
        return Subscription.objects.filter(contact__in=self._ids)

    @property
    def followed(self) -> SubscriptionQuerySet:
        return self.subscriptions.filter(kind__in=FOLLOWING)

    @property
    def keys(self) -> list[str]:
        return sorted({contact.address_key for contact in self.contacts if contact.address_key})

    def may(self, permission: str) -> bool:
        return not permission or (self.user is not None and self.user.has_perm(permission))
