"""Reply addresses and bounce addresses (VERP): Reply-To and envelope sender of outgoing mail.

    reply+<token>@in.example.org               a row of ReplyAddress: one person, one question, some days
    bounce+<message key><signature>@in...      one delivery; signed, since a Message-ID shows the key to others

The part before the @ is lower case and shorter than 64 characters: some mail servers change case, and cut.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from forum.models import Delivery, Post, ReplyAddress
from forum.states import State

BOUNCES = "bounce"
SIGNATURE_LENGTH = 16
KEY_LENGTH = 32
# Kinds that can be answered by mail; not digests, which are about several questions.
ANSWERABLE = frozenset({Delivery.Kind.PUBLISHED, Delivery.Kind.REPLY, Delivery.Kind.ANSWER, Delivery.Kind.ROUTED})
# A reply address is reused for the same thread while at least this share of its lifetime is left.
REUSED_FOR = 0.5


@dataclass(frozen=True)
class Path:
    token: str = ""
    message_key: uuid.UUID | None = None


def reply_to(delivery: Delivery) -> str:
    question = _answered_question(delivery)
    if question is None:
        return ""
    now, days = timezone.now(), settings.INBOUND.days
    mine = ReplyAddress.objects.filter(contact=delivery.recipient, question=question)
    address = mine.filter(expires_at__gt=now + timedelta(days=days * REUSED_FOR)).order_by("-pk").first()
    if address is None:
        ends = now + timedelta(days=days)
        token = secrets.token_hex(16)
        address = ReplyAddress.objects.create(
            contact=delivery.recipient, question=question, token=token, expires_at=ends
        )
    return f"{settings.INBOUND.box}+{address.token}@{settings.INBOUND.domain}"


def _answered_question(delivery: Delivery) -> Post | None:
    if not settings.INBOUND.is_on or delivery.kind not in ANSWERABLE or delivery.is_digest:
        return None
    question = delivery.post.thread if delivery.post else None
    return question if question is not None and question.state == State.PUBLISHED else None


def envelope_sender(delivery: Delivery) -> str:
    if not settings.INBOUND.is_on:
        return settings.DEFAULT_FROM_EMAIL
    key = delivery.message_key
    return f"{BOUNCES}+{key.hex}{_signature(key)}@{settings.INBOUND.domain}"


def parse(address: str) -> Path | None:
    """Return None for an address that the site did not make; does not query the database."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    box, plus, token = local.partition("+")
    if not settings.INBOUND.is_on or domain != settings.INBOUND.domain or not plus:
        return None
    if box == BOUNCES:
        return _bounce(token)
    return Path(token=token) if box == settings.INBOUND.box and token.isalnum() else None


def _bounce(token: str) -> Path | None:
    try:
        key = uuid.UUID(hex=token[:KEY_LENGTH])
    except ValueError:
        return None
    return Path(message_key=key) if constant_time_compare(_signature(key), token[KEY_LENGTH:]) else None


def _signature(key: uuid.UUID) -> str:
    return salted_hmac("forum.bounce", key.hex, algorithm="sha256").hexdigest()[:SIGNATURE_LENGTH]
