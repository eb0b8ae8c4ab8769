"""Models of the physicians' desk: questions, drafts, snippets and “helpful” marks."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from forum.models.posts import MAX_LENGTH, Post


class DeskQuestion(models.Model):
    """A question's state at the desk. Only forum.posts.question_status writes it.

    The row is created when the question is published and kept when it is not public any more; the desk shows public
    questions only.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waits for a physician"
        ANSWERED = "answered", "answered by a physician"
        FOLLOW_UP = "follow-up", "asked again after an answer"
        DONE = "done", "the asker has said that it is answered"

    OPEN = ("waiting", "follow-up")

    question = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="desk")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, editable=False)
    # Since when it waits (again).
    waiting_since = models.DateTimeField(default=timezone.now, editable=False)
    is_urgent = models.BooleanField(default=False, editable=False)
    # A moderator asked the physicians for an answer, or one of them by name.
    is_asked_for = models.BooleanField(default=False, editable=False)
    routed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # "I'm answering this": a claim that lapses by itself.
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            # The desk's lists: urgent on top, then what moderators ask for, then the oldest; what is done by date.
            models.Index(fields=["state", "-is_urgent", "-is_asked_for", "waiting_since", "id"], name="desk_by_state"),
            models.Index(fields=["state", "-waiting_since", "-id"], name="desk_by_date"),
            # The claims that will lapse next.
            models.Index(
                fields=["claimed_until"], name="desk_claimed", condition=models.Q(claimed_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.state}"

    @property
    def is_claimed(self) -> bool:
        return bool(self.claimed_by_id and self.claimed_until and self.claimed_until > timezone.now())


class AnswerDraft(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="answer_drafts")
    question = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="answer_drafts")
    text = models.TextField(max_length=MAX_LENGTH * 2, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("author", "question", name="one_draft_per_question")
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Snippet(models.Model):
    """A text block for answers, visible to its author only."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snippets")
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=2_000)

    class Meta:
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["title", "id"]

    def __str__(self) -> str:
        return f"snippet {self.pk}"


class Helped(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="helped")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="helped"
    )
    # Members: their number. Guests: a keyed hash of their network, forgotten after some weeks.
    reader_key = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("post", "reader_key", name="helped_once")
        ]

    def __str__(self) -> str:
        return f"helped {self.pk}"
