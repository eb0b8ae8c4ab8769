"""Keyed hashes of e-mail addresses: counting by address, and finding posts by it, without reading stored addresses."""

from allauth.account.models import EmailAddress
from django.utils.crypto import salted_hmac

from accounts.models import User


def key_of(address: str) -> str:
    """Return a keyed hash of the address; it tells nothing without SECRET_KEY."""
    return salted_hmac("forum.address", address.strip().lower(), algorithm="sha256").hexdigest()


def keys_of(user: User) -> list[str]:
    """Return the hashes of the user's verified addresses; an unverified one may be somebody else's."""
    verified = EmailAddress.objects.filter(user=user, verified=True)
    return [key_of(address) for address in verified.values_list("email", flat=True)]
