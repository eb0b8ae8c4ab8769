"""The append-only record: who did what to which post, when and why."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from forum.models.posts import Post
from forum.states import Move, State


class LogEntry(models.Model):
    """One move of one post. Entries are added, never changed."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="log")
    move = models.CharField(max_length=10, choices=[(move.value, move.value) for move in Move])
    before = models.CharField(max_length=10, blank=True, choices=State.choices)
    after = models.CharField(max_length=10, choices=State.choices)
    revision = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    # Empty for the site itself and for guests.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=80)
    reason = models.TextField(blank=True, max_length=1_000)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        permissions = [("view_log", "May read the moderation log")]
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("post", "version", name="one_entry_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.move}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; changing one is a fault in the program."""
        if self.pk is not None:
            raise TypeError("The log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: the log is append-only."""
        raise TypeError("The log is append-only.")
