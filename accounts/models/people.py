"""The user model, without an address column; nothing in it is derived from an address."""

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from accounts.names import validate_name

if TYPE_CHECKING:
    from accounts.models.credentials import Credential

# Names shown for an erased account, and on a post that hides its author's name.
FORMER_READER = "A former reader"
HIDDEN_NAME = "A reader"


def random_handle() -> str:
    return secrets.token_hex(8)


def random_public_id() -> str:
    """Return ten random characters (49 bits): unlike a counter they do not tell how many rows there are."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "".join(secrets.choice(alphabet) for _ in range(10))


def random_token() -> str:
    """Return a URL-safe token of 192 random bits for a private link."""
    return secrets.token_urlsafe(24)


def display_name(user: "User") -> str:
    return user.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, name: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(name, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """The address is in allauth's table; nothing here is derived from it."""

    handle = models.CharField(max_length=32, unique=True, default=random_handle, editable=False)
    name = models.CharField(
        "name shown on the site", max_length=80, validators=[validate_name], help_text="Everybody can see this name."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    # After an erasure the row stays without anything that names the person: lines of the log refer to it.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    get_short_name = get_full_name

    def current_credential(self) -> "Credential | None":
        return self.credentials.in_force().first()
