"""Contacts (the only place of guests' addresses), links to one's own data, and the suppression list."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models.people import User, random_token


def key_of(address: str) -> str:
    """Return a keyed hash of the address; it tells nothing without SECRET_KEY."""
    return salted_hmac("forum.address", address.strip().lower(), algorithm="sha256").hexdigest()


def keys_of(user: User) -> list[str]:
    """Leave out unverified addresses, which may be somebody else's."""
    verified: Any = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined] # allauth's table
    return [key_of(address) for address in verified.values_list("email", flat=True)]


class ContactQuerySet(models.QuerySet["Contact"]):
    def for_user(self, user: User) -> "Contact":
        """Create the member's only contact on first use; its address is empty, since allauth's table has it."""
        return self.get_or_create(user=user, defaults={"confirmed_at": timezone.now()})[0]

    def forget(self) -> int:
        """Erase the addresses and return their number; the rows stay, since posts refer to them."""
        ids = list(self.values_list("pk", flat=True))
        return Contact.objects.filter(pk__in=ids).update(address="", address_key="")


class Contact(models.Model):
    """Where mail to one person goes: the only place of a guest's address (DESIGN 4, promises 1 and 7).

    One row for each member (address empty: delivery reads allauth's verified address when it sends) and one for each
    guest's post. Guests' rows are not shared between posts, so that typing somebody else's confirmed address
    reaches nobody.
    """

    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.CASCADE, related_name="contact")
    address = models.EmailField(blank=True, editable=False)
    # Keyed hash of the address, to count how many confirmations one address got today; forgotten with the address.
    address_key = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # "No text in mails, only links": other people may see the mailbox.
    links_only = models.BooleanField(default=False)
    # When the person stopped all mail: the subscriptions that ended at this moment can be resumed together.
    mail_stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ContactQuerySet.as_manager()

    def __str__(self) -> str:
        return f"contact {self.pk}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class DataLink(models.Model):
    """A mailed link with which a guest sees, exports and erases what was written from one address.

    It stores the keyed hash of the address. It expires: everybody who can read that mailbox can use it.
    """

    address_key = models.CharField(max_length=64, editable=False, db_index=True)
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"data link {self.pk}"


class Suppression(models.Model):
    class Reason(models.TextChoices):
        HARD = "hard", "the mailbox does not exist or takes no mail"
        SOFT = "soft", "the mailbox was full or could not be reached, several times"
        COMPLAINT = "complaint", "our mail was marked as spam"

    address_key = models.CharField(max_length=64, unique=True, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices, editable=False)
    # The server's own words, without any address.
    detail = models.CharField(max_length=200, blank=True, editable=False)
    # For soft bounces: how many in a row, and the end of the pause. Without `until` the suppression does not expire.
    count = models.PositiveIntegerField(default=1, editable=False)
    until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"suppression {self.pk}"
