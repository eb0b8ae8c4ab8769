"""Erasure requests: whose data are to be erased, when, and whether their posts stay."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import User, random_token


class Erasure(models.Model):
    """A request for erasure by a member, or by a guest (by the keyed hash of the address).

    It can be cancelled until `due_at`. Once it is done (`done_at`) the key is deleted and the row names nobody.
    """

    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="erasures")
    address_key = models.CharField(max_length=64, blank=True, editable=False)
    # Of the private page that shows and cancels the erasure.
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    # True: posts stay, attributed to "a former reader". False: their texts are erased too.
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
        return self.cancelled_at is None and self.done_at is None
