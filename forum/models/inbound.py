"""Answers by mail: reply addresses, and the outcome of each incoming mail, without text or address."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from accounts.models import Contact, random_token
from forum.models.posts import Post


class ReplyAddress(models.Model):
    """The Reply-To of one mail. Answers need its token and must come from the address of `contact`."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="reply_addresses")
    question = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reply_addresses")
    token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(db_index=True, editable=False)

    def __str__(self) -> str:
        return f"reply address {self.pk}"


class InboundMail(models.Model):
    """An incoming mail by the keyed hash of its Message-ID, so that no mail is processed twice."""

    class Outcome(models.TextChoices):
        TAKEN = "taken", "became a reply"
        REFUSED = "refused", "refused, and the person is told why"
        DROPPED = "dropped", "ignored: automatic, or not for anybody"
        BOUNCE = "bounce", "says that a mail of ours came back"

    key = models.CharField(max_length=64, unique=True, editable=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, editable=False)
    # A code word, never a text: forum.inbound names them.
    reason = models.CharField(max_length=40, blank=True, editable=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return f"{self.outcome} {self.pk}"
