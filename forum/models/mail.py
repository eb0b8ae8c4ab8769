"""Subscriptions to threads, articles, topics and lists, and the outbox: one delivery for each mail."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import Contact, Credential, CredentialRequest, DataLink, Erasure, random_token
from articles.models import Article
from forum.models.log_entries import LogEntry
from forum.models.moderation import Report, Sanction
from forum.models.posts import Post, Topic


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> "SubscriptionQuerySet":
        return self.filter(ended_at=None)


class Subscription(models.Model):
    """A subscription of a person. Its token can end it and nothing else."""

    class Kind(models.TextChoices):
        THREAD = "thread", "a question"
        QUEUE = "queue", "what waits for moderators"
        URGENT = "urgent", "urgent posts, for moderators on call"
        OPINION = "opinion", "what physicians are asked about"
        DESK = "desk", "once a week, what waits for physicians"
        ROUTED = "routed", "questions that moderators ask you to answer"
        CHECKERS = "checkers", "physicians who ask to be recognised"
        DECISIONS = "decisions", "what became of my posts"
        REPLIES = "replies", "replies to what I follow"
        ANSWERS = "answers", "physicians’ answers to what I follow"
        ARTICLE = "article", "an article"
        TOPIC = "topic", "a topic"
        DIGEST = "digest", "daily and weekly summaries"
        ESCALATION = "escalation", "posts that have waited too long for a moderator"
        CLAIMS = "claims", "a claim of mine that is about to lapse"

    class Pace(models.TextChoices):
        AT_ONCE = "at-once", "at once"
        DAILY = "daily", "once a day"
        WEEKLY = "weekly", "once a week"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="subscriptions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # What is followed; all three empty for a list.
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions")
    article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    pace = models.CharField(max_length=10, choices=Pace.choices, default=Pace.AT_ONCE)
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("contact", "post", name="follow_once", condition=models.Q(kind="thread")),
            models.UniqueConstraint("contact", "article", name="follow_article_once"),
            models.UniqueConstraint("contact", "topic", name="follow_topic_once"),
            models.UniqueConstraint(
                "contact", "kind", name="one_per_list", condition=models.Q(post=None, article=None, topic=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.post_id or ''}".strip()

    @property
    def is_active(self) -> bool:
        return self.ended_at is None


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def with_everything(self) -> "DeliveryQuerySet":
        about = ("post__question", "post__article", "entry", "report", "sanction", "request", "credential", "erasure")
        return self.select_related("recipient__user", "subscription", "data_link", *about)


class Delivery(models.Model):
    """A mail in the outbox, created in the transaction of the change that it announces, and sent by a worker."""

    class State(models.TextChoices):
        OWED = "owed", "to be sent"
        PARKED = "parked", "waits until the address is confirmed"
        SENDING = "sending", "being sent"
        RETRYING = "retrying", "will be tried again"
        SENT = "sent", "sent"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "no longer wanted"
        # Part of another mail to the same person: see gathered_into.
        GATHERED = "gathered", "goes with another mail"
        SUPPRESSED = "suppressed", "not sent: mail to this address comes back"

    class Kind(models.TextChoices):
        CONFIRM = "confirm", "confirm the address"
        QUEUE = "queue", "something waits for a moderator"
        PUBLISHED = "published", "published"
        RETURNED = "returned", "sent back"
        REJECTED = "rejected", "not published"
        REMOVED = "removed", "removed"
        REPLY = "reply", "a reply is public"
        ANSWER = "answer", "a physician’s answer is public"
        NEWS = "news", "a question is public under an article or a topic"
        RECEIVED = "received", "a post has arrived and waits"
        ESCALATION = "escalation", "a post has waited too long for a moderator"
        CLAIM = "claim", "a physician’s claim is about to lapse"
        URGENT = "urgent", "something urgent waits for a moderator"
        OPINION = "opinion", "a physician’s opinion is asked for"
        REMINDER = "reminder", "a post that came back will expire"
        EXPIRED = "expired", "a post that came back has expired"
        REPORT = "report", "what became of a report"
        SANCTION = "sanction", "a sanction begins"
        ACCOUNT = "account", "sign-in and account mail"
        DESK = "desk", "what waits for physicians this week"
        ROUTED = "routed", "a question is waiting for this physician"
        CHECKERS = "checkers", "somebody asks to be recognised as a physician"
        RECOGNISED = "recognised", "what became of a request to be recognised"
        CREDENTIAL = "credential", "a credential will lapse, has lapsed or is withdrawn"
        DATA = "data", "a guest’s link to their own data"
        ERASURE = "erasure", "an erasure is coming"
        REFUSED = "refused", "why an answer by mail was not taken"

    # Key of what happened: a person never gets a second mail for the same event.
    event = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    recipient = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="deliveries")
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    entry = models.ForeignKey(LogEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    report = models.ForeignKey(Report, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    sanction = models.ForeignKey(Sanction, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(CredentialRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    credential = models.ForeignKey(Credential, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    data_link = models.ForeignKey(DataLink, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    erasure = models.ForeignKey(Erasure, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # The bundle of daily and weekly summaries, which tell of several questions.
    DIGEST = "digest"
    # Mails with the same key to the same person may leave as one; "" always leaves alone.
    bundle = models.CharField(max_length=80, blank=True)
    gathered_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="gathered", db_index=False
    )
    # Data that no other row has, deleted once it is sent: allauth’s account mail, why a reply was refused.
    stored = models.JSONField(null=True, blank=True)
    message_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    state = models.CharField(max_length=10, choices=State.choices, default=State.OWED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)
    # Prefix of last_error while it waits because mail to the address bounced temporarily.
    PAUSED = "Paused. "
    # When the first attempt failed, to measure how long the mail has been late.
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    # Reply-To while the mail is being sent; not a column (notifications.return_paths).
    reply_to = ""

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("event", "recipient", name="one_mail_per_event_and_recipient")
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Keeps the sweep fast for any number of sent mails.
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=models.Q(state__in=["owed", "sending", "retrying"]),
            ),
            models.Index(fields=["recipient", "kind", "-id"], name="delivery_last_of_kind"),
            # The order of mails to one person, and those that may be sent together.
            models.Index(
                fields=["recipient", "id"],
                name="delivery_open_of_one",
                condition=models.Q(state__in=["owed", "sending", "retrying"]),
            ),
            models.Index(fields=["-id"], name="delivery_failed", condition=models.Q(state="failed")),
            models.Index(fields=["-id"], name="delivery_suppressed", condition=models.Q(state="suppressed")),
            models.Index(fields=["-id"], name="delivery_retrying", condition=models.Q(state="retrying")),
            models.Index(fields=["failing_since"], name="delivery_failing", condition=models.Q(state="retrying")),
            # When the last mail about one thread left: a burst becomes one mail.
            models.Index(
                fields=["recipient", "bundle", "-sent_at"],
                name="delivery_last_of_bundle",
                condition=models.Q(state="sent") & ~models.Q(bundle=""),
            ),
            models.Index(fields=["gathered_into"], name="delivery_members", condition=models.Q(state="gathered")),
            # Without NULLs, which are nearly all rows: SQLite would use the index to look them up.
            models.Index(
                fields=["gathered_into"], name="delivery_told", condition=models.Q(gathered_into__isnull=False)
            ),
            models.Index(fields=["created_at"], name="delivery_parked", condition=models.Q(state="parked")),
        ]
        permissions = [("operate_mail", "Can look after the mail that is owed")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_paused(self) -> bool:
        """True while it waits only because mail to the address bounced recently."""
        return self.state == self.State.OWED and self.last_error.startswith(self.PAUSED)

    @property
    def is_digest(self) -> bool:
        """True for a daily or weekly summary, and for mail that waits to be part of one."""
        return self.bundle == self.DIGEST

    @cached_property
    def members(self) -> list["Delivery"]:
        """This mail and those gathered into it, in the order of creation.

        A composer removes members that are no longer true; the remaining ones are marked as sent with it.
        """
        if not self.bundle:
            return [self]
        gathered = Delivery.objects.with_everything().filter(gathered_into=self, state=self.State.GATHERED)
        return sorted([self, *gathered], key=lambda delivery: delivery.pk)
