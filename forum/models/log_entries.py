"""The append-only log: who did what to which post, when and why. Database triggers enforce it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from forum.models.posts import Post
from forum.states import AUTHOR_MOVES, Act, Move, State

SITE = "The site"


class LogEntryQuerySet(models.QuerySet["LogEntry"]):
    def not_undone(self) -> "LogEntryQuerySet":
        # Not undone_by__isnull: PostgreSQL estimates one row for that join and chooses a bad plan.
        return self.filter(~models.Exists(LogEntry.objects.filter(undoes=models.OuterRef("pk"))))


class LogEntry(models.Model):
    """A transition of a post, or an act of staff that concerns no post.

    No name is stored: names are read from the person or the post, so that erasing a person needs no change to the log.
    """

    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="log")
    # Whom an act is about, when it is about a person.
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    move = models.CharField(max_length=20, choices=[*Move.choices, *Act.choices])
    before = models.CharField(max_length=10, blank=True, choices=State.choices)
    after = models.CharField(max_length=10, blank=True, choices=State.choices)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    # Empty for the site itself and for guests.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True, max_length=2_000)
    # The code of the chosen reason in the library, for the yearly numbers.
    reason_code = models.CharField(max_length=40, blank=True)
    # Other changes as values before and after: {"rule": [old, new], ...}. No text of a post, no address.
    details = models.JSONField(default=dict, blank=True)
    # Seconds from joining the queue to a moderator's decision.
    waited = models.PositiveIntegerField(null=True, blank=True)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]
        permissions = [("view_log", "May read the moderation log")]
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("post", "version", name="one_entry_per_version")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["move", "created_at", "id"], name="log_by_move"),
            models.Index(fields=["actor", "created_at", "id"], name="log_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.move}"

    @property
    def actor_name(self) -> str:
        """The present name of the actor: a person, a guest by the name under the post, or the site."""
        if self.actor is not None:
            return self.actor.name
        if self.post is not None and self.move in AUTHOR_MOVES:
            return self.post.name
        return SITE
