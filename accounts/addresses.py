"""Addresses as keyed hashes: to count by, and to find what was written from one, without reading any stored address."""

from allauth.account.models import EmailAddress
from django.utils.crypto import salted_hmac

from accounts.models import User


def key_of(address: str) -> str:
    """Return a keyed hash of an address; it tells nothing without the site's secret key."""
    return salted_hmac("forum.address", address.strip().lower(), algorithm="sha256").hexdigest()


def keys_of(user: User) -> list[str]:
    """Return the keyed hashes of the member's verified addresses: those that they have shown to be theirs."""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    return [key_of(address) for address in verified.values_list("email", flat=True)]
