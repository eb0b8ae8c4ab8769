"""Webhooks of mail providers (django-anymail): inbound mail, bounces, complaints. After an error (500) they retry."""

import hashlib
from typing import Any

from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, EventType
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts import suppressions
from accounts.models import Suppression
from accounts.models.contacts import key_of
from articles.text.markup import mask
from forum.inbound import receive
from forum.inbound.replies import Outcome
from forum.models import InboundMail
from forum.notifications.delivery import refusals

Reason = Suppression.Reason


def take_mail(sender: Any, event: AnymailInboundEvent, **_signal: Any) -> None:
    message = event.message
    named = [message.envelope_recipient] if message.envelope_recipient else _recipients(message)
    # Some providers do not tell the envelope sender; a bounce is then recognised by its headers only.
    envelope = "unknown" if message.envelope_sender is None else message.envelope_sender
    for recipient in dict.fromkeys(named):
        receive.receive(message.as_bytes(), sender=envelope, recipient=recipient)


def take_report(sender: Any, event: AnymailTrackingEvent, **_signal: Any) -> None:
    reason = _reason(event)
    if reason is None or not event.recipient:
        return
    key = key_of(event.recipient)
    with transaction.atomic():
        seen = {"outcome": Outcome.BOUNCE, "reason": reason}
        if InboundMail.objects.get_or_create(key=_name_of(event), defaults=seen)[1]:
            suppressions.suppress(key, reason, mask(_answer(event)))


def _recipients(message: Any) -> list[str]:
    return [address.addr_spec for address in [*message.to, *message.cc]]


def _reason(event: AnymailTrackingEvent) -> Suppression.Reason | None:
    if event.event_type == EventType.COMPLAINED:
        return Reason.COMPLAINT
    if event.event_type != EventType.BOUNCED:
        return None
    return refusals.reason_for(_answer(event)) or Reason.SOFT


def _answer(event: AnymailTrackingEvent) -> str:
    return str(event.mta_response or event.description or "")[:500]


def _name_of(event: AnymailTrackingEvent) -> str:
    name = f"{event.event_type} {event.event_id or event.timestamp} {event.message_id} {event.recipient}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return salted_hmac("forum.inbound.report", digest, algorithm="sha256").hexdigest()
