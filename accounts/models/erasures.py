"""That somebody asked to be erased: what is to go, and until when they can change their mind."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import User, random_token


class Erasure(models.Model):
    """One person's wish to be erased: a member's, or a guest's by the keyed hash of the address.

    Until `due_at` it can be taken back. Once carried out (`done_at`) the key is forgotten and the row names nobody.
    """

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="erasures")
    address_key = models.CharField(max_length=64, blank=True, editable=False)
    # The private page that shows it and can take it back.
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    # What becomes of the posts: they stay, as by "a former reader", or their texts go too.
    keep_posts = models.BooleanField()
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    done_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                "user", name="one_open_erasure", condition=Q(cancelled_at=None, done_at=None, user__isnull=False)
            ),
            models.UniqueConstraint(
                "address_key",
                name="one_open_guest_erasure",
                condition=Q(cancelled_at=None, done_at=None) & ~Q(address_key=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="erasure_due", condition=Q(cancelled_at=None, done_at=None))
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"

    @property
    def is_open(self) -> bool:
        """True while it is to come, and can be taken back."""
        return self.cancelled_at is None and self.done_at is None
