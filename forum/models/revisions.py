"""Revisions of a post's text, and the rules' findings in them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from articles.text import markup
from forum.models.posts import MAX_LENGTH, Post


class Revision(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    source = models.TextField(max_length=MAX_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)
    # When this text became public; empty for what nobody but its author and moderators may ever see.
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("post", "number", name="one_revision_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.post_id} revision {self.number}"

    @property
    def masked(self) -> str:
        return markup.mask(self.source)


class Hold(models.Model):
    class Effect(models.TextChoices):
        HOLD = "hold", "a moderator reads it first"
        NOTE = "note", "a moderator is told, nothing more"
        URGENT = "urgent", "a moderator reads it at once"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="holds")
    revision = models.PositiveIntegerField()
    rule = models.CharField(max_length=40)
    sentence = models.CharField(max_length=200)
    effect = models.CharField(max_length=10, choices=Effect.choices, default=Effect.HOLD)
    start = models.PositiveIntegerField(null=True, blank=True)
    end = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        # The queue's filter by rule, for rules that hold little.
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["rule", "post"], name="hold_by_rule")]

    def __str__(self) -> str:
        return self.sentence
