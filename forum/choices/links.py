"""The signed link by which a guest chooses mail without an account: for one purpose, one mailbox, and a time."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse

from accounts.models import Contact

SALT = "forum.choices.links"
LASTS = timedelta(days=90)


def page_for(contact: Contact) -> str:
    """Return the path of the page where the contact's owner chooses: members sign in there, guests hold the link.

    Nothing for a guest who has not confirmed the address: there is nothing to choose yet.
    """
    if contact.user_id is not None:
        return reverse("forum:my-notifications")
    return reverse("forum:mail-choices", args=[sign(contact)]) if contact.is_confirmed else ""


def sign(contact: Contact) -> str:
    """Return a new token for the guest's mailbox; it names a row, never an address."""
    return signing.dumps(contact.pk, salt=SALT)


def read(token: str) -> int | None:
    """Return whose token it is; None when it is forged, cut off or too old."""
    try:
        number = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return None
    return number if isinstance(number, int) else None
