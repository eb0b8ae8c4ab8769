"""Models of people: users, contacts, suppressions, credentials and erasures."""

from accounts.models.contacts import Contact, DataLink, Suppression
from accounts.models.credentials import Credential, CredentialRequest
from accounts.models.erasures import Erasure
from accounts.models.people import (
    FORMER_READER,
    HIDDEN_NAME,
    User,
    display_name,
    random_handle,
    random_public_id,
    random_token,
)

__all__ = [
    "FORMER_READER",
    "HIDDEN_NAME",
    "Contact",
    "Credential",
    "CredentialRequest",
    "DataLink",
    "Erasure",
    "Suppression",
    "User",
    "display_name",
    "random_handle",
    "random_public_id",
    "random_token",
]
