"""Whose mail: a member's, or that of everybody who asked as a guest from one confirmed address."""

from dataclasses import dataclass

from accounts.models import Contact, User
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet

FOLLOWING = (Subscription.Kind.THREAD, Subscription.Kind.ARTICLE, Subscription.Kind.TOPIC)


@dataclass(frozen=True)
class Mailbox:
    """One person's mail. A member who was never owed any has no contact yet: reading makes none."""

    contacts: tuple[Contact, ...]
    user: User | None = None

    @classmethod
    def of_member(cls, user: User) -> "Mailbox":
        """Return the member's."""
        return cls(tuple(Contact.objects.filter(user=user)), user)

    @classmethod
    def of_guest(cls, contact_id: int) -> "Mailbox | None":
        """Return what goes to the guest's address, as far as it is confirmed; None when it is forgotten by now."""
        guests = Contact.objects.filter(user=None, confirmed_at__isnull=False).exclude(address_key="")
        asked = guests.filter(pk=contact_id).values("address_key")
        return cls(found) if (found := tuple(guests.filter(address_key__in=asked).order_by("pk"))) else None

    def locked(self) -> "Mailbox":
        """Return it as it stands now, until the commit nobody else's to change; inside a transaction."""
        if self.user is not None and not self.contacts:
            Contact.objects.for_user(self.user)
        mine = Contact.objects.filter(user=self.user) if self.user else Contact.objects.filter(pk__in=self._ids)
        return Mailbox(tuple(mine.order_by("pk").select_for_update()), self.user)

    @property
    def _ids(self) -> list[int]:
        return [contact.pk for contact in self.contacts]

    @property
    def subscriptions(self) -> SubscriptionQuerySet:
        """Everything that is followed and every list about which something was said, ended or not."""
        return Subscription.objects.filter(contact__in=self._ids)

    @property
    def followed(self) -> SubscriptionQuerySet:
        """The questions, articles and topics, ended or not."""
        return self.subscriptions.filter(kind__in=FOLLOWING)

    @property
    def keys(self) -> list[str]:
        """The keyed hash of a guest's address."""
        return sorted({contact.address_key for contact in self.contacts if contact.address_key})

    def may(self, permission: str) -> bool:
        """True when the person has the permission, or none is needed."""
        return not permission or (self.user is not None and self.user.has_perm(permission))
