"""Bounces and complaints: delivery status notifications (RFC 3464) and feedback reports about mail of the site."""

import re
import uuid
from collections.abc import Iterator
from email.message import Message

from django.db import transaction

from accounts import suppressions
from accounts.models import Contact, Suppression
from accounts.models.contacts import key_of, keys_of
from articles.text.markup import mask
from forum.inbound.parse import Incoming, unfolded
from forum.inbound.replies import Outcome, Result
from forum.models import Delivery
from forum.notifications import outbox
from forum.notifications.delivery import refusals

Reason = Suppression.Reason
# Copies of our mail inside a report: their words must not be read as the other server's.
_COPIES = {"message/rfc822", "text/rfc822-headers"}
MAX_LENGTH = 4_000


def take_bounce(message_key: uuid.UUID, mail: Incoming) -> Result:
    delivery = Delivery.objects.select_related("recipient__user").filter(message_key=message_key).first()
    if delivery is None:
        return Result(Outcome.DROPPED, "unknown")
    contact = delivery.recipient
    reason = _reason(mail)
    if reason is None:
        return Result(Outcome.DROPPED, "no-bounce", contact=contact)
    status = _status(mail)
    with transaction.atomic():
        for key in _keys(contact, mail):
            suppressions.suppress(key, reason, status)
        if reason != Reason.COMPLAINT:
            outbox.came_back(delivery, status)
    return Result(Outcome.BOUNCE, reason, contact=contact)


def _reason(mail: Incoming) -> Suppression.Reason | None:
    if unfolded(mail.message.get_param("report-type")).lower() == "feedback-report":
        return Reason.COMPLAINT
    action = _report(mail, "Action").lower()
    if action in {"delayed", "delivered", "relayed", "expanded"}:
        return None
    is_report = bool(action) or not mail.envelope_sender or bool(mail.header("X-Failed-Recipients"))
    return (refusals.reason_for(_status(mail)) or Reason.SOFT) if is_report else None


def _status(mail: Incoming) -> str:
    status, words = _report(mail, "Status"), _report(mail, "Diagnostic-Code")
    if not status and not words:
        words = " ".join(_words(mail.message))
        found = re.search(r"\b[45]\d\d[ -][45]\.\d{1,3}\.\d{1,3}\b|\b[45]\.\d{1,3}\.\d{1,3}\b", words)
        words = found.group() if found else ""
    return mask(f"{status} {words}".strip())[:200]


def _report(mail: Incoming, field: str) -> str:
    """Return a field of the first recipient in a delivery status (RFC 3464); "" when there is none."""
    for part in _parts(mail.message):
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload() if part.is_multipart() else []:
                if isinstance(block, Message) and block.get(field):
                    return unfolded(block.get(field))
            pattern = re.compile(rf"^{field}:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
            found = pattern.search(part.as_string()[: 10 * MAX_LENGTH])
            if found:
                return unfolded(found[1])
    return ""


def _words(message: Message) -> Iterator[str]:
    for part in _parts(message):
        payload = part.get_payload(decode=True) if part.get_content_maintype() == "text" else None
        if isinstance(payload, bytes):
            # The rest is a copy of our mail.
            yield re.split(r"original message|message headers", payload.decode("utf-8", "replace"), flags=re.I)[0][
                :MAX_LENGTH
            ]


def _parts(message: Message) -> Iterator[Message]:
    yield message
    if message.is_multipart() and message.get_content_type() not in _COPIES:
        for part in message.get_payload():
            if isinstance(part, Message) and part.get_content_type() not in _COPIES:
                yield from _parts(part)


def _keys(contact: Contact, mail: Incoming) -> list[str]:
    mine = keys_of(contact.user) if contact.user else [contact.address_key]
    reported = _report(mail, "Original-Recipient") or _report(mail, "Final-Recipient")
    key = key_of(reported.rpartition(";")[2].strip().strip("<>"))
    return [key] if key in mine else [key for key in mine[:1] if key]
