"""Models of moderation: claims, notes, reasons, rule settings, reports and sanctions."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import random_token
from articles.text import markup
from forum.models.log_entries import LogEntry
from forum.models.posts import Post


class Claim(models.Model):
    """A moderator's claim on a post. It locks nothing: decisions are checked against the version they were made on."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="claim")
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.post} by {self.moderator}"


class Note(models.Model):
    """A note about a post by a moderator or a physician who was asked. It is never shown to the author of the post."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=1_000)
    is_opinion = models.BooleanField("a physician’s opinion", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def masked(self) -> str:
        """The text with addresses masked; the form refuses addresses, and this covers any that it missed."""
        return markup.mask(self.text)


class Reason(models.Model):
    class For(models.TextChoices):
        RETURN = "return", "sending back"
        REJECT = "reject", "not publishing"
        REMOVE = "remove", "removing"

    code = models.SlugField(max_length=40, unique=True, help_text="Stands in the log and the yearly counts. Keep it.")
    move = models.CharField("used for", max_length=10, choices=For.choices)
    title = models.CharField(max_length=80, help_text="What moderators choose from.")
    text = models.TextField(max_length=600, help_text="What the author reads, word for word.")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField("offered to moderators", default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class RuleSetting(models.Model):
    """The settings of a rule and its last failure. A rule without a row has its defaults."""

    rule = models.CharField(max_length=40, unique=True)
    enabled = models.BooleanField(default=True)
    options = models.JSONField(default=dict, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    # The class of the error, or how long the rule took; cleared by staff.
    fault = models.CharField(max_length=200, blank=True)
    fault_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("tune_rules", "May switch and tune the rules")]
        default_permissions = ()

    def __str__(self) -> str:
        return self.rule


class Report(models.Model):
    class Reason(models.TextChoices):
        ADVICE = "advice", "The advice could hurt somebody"
        PERSONAL = "personal", "It tells who somebody is, or where they live"
        UNKIND = "unkind", "It is insulting or cruel"
        SELLING = "selling", "It sells something or asks for money"
        OTHER = "other", "Something else"

    class Outcome(models.TextChoices):
        OPEN = "open", "A moderator will look at it"
        UPHELD = "upheld", "The post was taken down or changed"
        KEPT = "kept", "A moderator has looked and left the post as it is"
        GONE = "gone", "The post is gone for another reason"

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    # Members: their number. Guests: a keyed hash of their network, forgotten with the outcome's last use.
    reporter_key = models.CharField(max_length=64, editable=False)
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    note = models.TextField(max_length=500, blank=True)
    # Reports by muted readers are stored and answered, but not counted.
    is_counted = models.BooleanField(default=True, editable=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN, editable=False)
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    entry = models.ForeignKey(LogEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("post", "reporter_key", name="one_report_per_reader")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["post"], name="report_open", condition=Q(outcome="open")),
            models.Index(fields=["reporter_key", "-id"], name="report_by_reporter"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class SanctionQuerySet(models.QuerySet["Sanction"]):
    def in_force(self) -> "SanctionQuerySet":
        """Sanctions expire by date; no job has to end them."""
        return self.filter(lifted_at=None, ends_at__gt=timezone.now())

    def on(self, user: Any, *kinds: str) -> "SanctionQuerySet":
        found = self.in_force().filter(user=user.pk) if user is not None and user.pk else self.none()
        return found.filter(kind__in=kinds) if kinds else found


class Sanction(models.Model):
    class Kind(models.TextChoices):
        HOLD = "hold", "everything they write is read first"
        PAUSE = "pause", "they cannot write"
        CLOSE = "close", "their account is closed"
        MUTE = "mute", "their reports do not count"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="sanctions"
    )
    # Key of the report. The only sanction on a guest is to mute their reports.
    reporter_key = models.CharField(max_length=64, blank=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(max_length=1_000)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SanctionQuerySet.as_manager()

    class Meta:
        permissions = [("sanction_members", "May pause members and close accounts")]
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | (Q(kind="mute") & ~Q(reporter_key="")), name="sanction_is_on_somebody"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("created_at")), name="sanction_ends_later"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["reporter_key"], name="sanction_on_guest", condition=~Q(reporter_key=""))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
