"""People: users without an address column, the contacts that hold addresses, and physicians' credentials."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from accounts.names import validate_name


def random_handle() -> str:
    """Return an internal sign-in name nobody chooses or sees; 60 random bits."""
    return secrets.token_hex(8)


def random_token() -> str:
    """Return a token for a private link; 192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def display_name(user: "User") -> str:
    """Return what allauth's pages and mails call the person."""
    return user.name


class UserManager(BaseUserManager["User"]):
    """Creates users; addresses are added through allauth's EmailAddress, never here."""

    def create_user(self, name: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved user with the given public name."""
        user = self.model(name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, name: str, password: str | None = None, **fields: Any) -> "User":
        """Return a saved user who may do everything."""
        return self.create_user(name, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The address is in allauth's table; nothing here is derived from it."""

    handle = models.CharField(max_length=32, unique=True, default=random_handle, editable=False)
    name = models.CharField(
        "name shown on the site", max_length=80, validators=[validate_name], help_text="Everybody can see this name."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Return the public name; Django's admin shows it."""
        return self.name

    get_short_name = get_full_name

    def current_credential(self) -> "Credential | None":
        """Return the credential in force today, if the person is a verified physician."""
        return self.credentials.in_force().first()


class ContactQuerySet(models.QuerySet["Contact"]):
    """Finding the recipient of mail."""

    def for_user(self, user: User) -> "Contact":
        """Return the member's one contact, made on first use; it holds no address, allauth's table does."""
        return self.get_or_create(user=user, defaults={"confirmed_at": timezone.now()})[0]


class Contact(models.Model):
    """Where mail to one person goes: the only home of a guest's address (DESIGN 4, promises 1 and 7).

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
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ContactQuerySet.as_manager()

    def __str__(self) -> str:
        return f"contact {self.pk}"

    @property
    def is_confirmed(self) -> bool:
        """True when the owner of the address has said so: members by allauth, guests by the mailed button."""
        return self.confirmed_at is not None


class CredentialQuerySet(models.QuerySet["Credential"]):
    """Which credentials count today."""

    def in_force(self) -> "CredentialQuerySet":
        """Return credentials granted, not withdrawn and not lapsed."""
        today = timezone.localdate()
        return self.filter(valid_from__lte=today, valid_until__gte=today, withdrawn_at=None)


class Credential(models.Model):
    """That somebody checked a volunteer physician's licence: who, when, and until when it counts."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credentials")
    full_name = models.CharField(max_length=120, validators=[validate_name])
    specialty = models.CharField(max_length=120, validators=[MaxLengthValidator(120)])
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credentials_checked")
    checked_on = models.DateField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-valid_until"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")), name="credential_dates_in_order"
            ),
            models.CheckConstraint(
                condition=~models.Q(checked_by=models.F("user")),
                name="credential_not_by_oneself",
                violation_error_message="Nobody can check their own credential.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.specialty}"
