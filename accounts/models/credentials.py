"""Credentials of volunteer physicians: the request, and the credential that two checkers make of it."""

from typing import ClassVar

from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.people import User, random_public_id
from accounts.names import validate_name


class CredentialRequest(models.Model):
    class State(models.TextChoices):
        """Written by accounts.credentials only."""

        ASKED = "asked", "waits to be checked"
        CHECKED = "checked", "checked, waits for a second person to grant it"
        GRANTED = "granted", "granted"
        DECLINED = "declined", "declined"
        TAKEN_BACK = "taken-back", "taken back by the person"

    OPEN = ("asked", "checked")

    public_id = models.CharField(max_length=12, unique=True, default=random_public_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credential_requests")
    full_name = models.CharField(max_length=120, validators=[validate_name])
    # Shown to checkers only, and deleted when it is no longer needed (docs/privacy.md).
    licence_number = models.CharField(max_length=60, blank=True)
    registry_url = models.URLField(max_length=300, blank=True, validators=[URLValidator(schemes=["http", "https"])])
    jurisdiction = models.CharField(max_length=80)
    specialty = models.CharField(max_length=120)
    conflicts = models.TextField(max_length=600, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    # From the first checker to the second: what was looked up, and where.
    check_note = models.TextField(max_length=600, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # Told to the person when it is declined.
    reason = models.TextField(max_length=600, blank=True)

    class Meta:
        permissions = [("check_credentials", "May check and grant physicians’ credentials")]
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("user", name="one_open_request", condition=Q(state__in=["asked", "checked"])),
            models.CheckConstraint(
                condition=~Q(checked_by=F("user")) & ~Q(decided_by=F("user")), name="request_not_by_oneself"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | ~Q(decided_by=F("checked_by")), name="request_granted_by_a_second"
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class CredentialQuerySet(models.QuerySet["Credential"]):
    def in_force(self) -> "CredentialQuerySet":
        today = timezone.localdate()
        return self.filter(valid_from__lte=today, valid_until__gte=today, withdrawn_at=None)


class Credential(models.Model):
    """Proof that two checkers confirmed a physician's licence: who, when, and until when it is valid.

    Answers refer to it for good: their badge shows it as it was when they were written.
    """

    public_id = models.CharField(max_length=12, unique=True, default=random_public_id, editable=False)
    request = models.OneToOneField(
        CredentialRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="credential"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credentials")
    full_name = models.CharField(max_length=120, validators=[validate_name])
    specialty = models.CharField(max_length=120, validators=[MaxLengthValidator(120)])
    jurisdiction = models.CharField(max_length=80, blank=True)
    conflicts = models.TextField(max_length=600, blank=True)
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="credentials_checked")
    granted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="credentials_granted"
    )
    checked_on = models.DateField()
    valid_from = models.DateField()
    valid_until = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.TextField(max_length=600, blank=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-valid_until"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="credential_dates_in_order"),
            models.CheckConstraint(
                condition=~Q(checked_by=F("user")),
                name="credential_not_by_oneself",
                violation_error_message="Nobody can check their own credential.",
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None) | (~Q(granted_by=F("user")) & ~Q(granted_by=F("checked_by"))),
                name="credential_granted_by_a_second",
                violation_error_message="Somebody else than the checker has to grant it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.specialty}"

    @property
    def is_in_force(self) -> bool:
        return self.withdrawn_at is None and self.valid_from <= timezone.localdate() <= self.valid_until
