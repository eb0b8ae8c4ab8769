"""Entry point of inbound mail, from the receiver process and from a provider's webhook alike."""

import hashlib
import logging

from django.utils.crypto import salted_hmac

from forum.inbound import automatic, bounces, parse, replies
from forum.inbound.replies import Outcome, Result
from forum.models import InboundMail, ReplyAddress
from forum.notifications.delivery import return_paths

log = logging.getLogger(__name__)


def is_known(recipient: str) -> bool:
    path = return_paths.parse(recipient)
    if path is None:
        return False
    return path.message_key is not None or ReplyAddress.objects.filter(token=path.token).exists()


def receive(raw: bytes, *, sender: str, recipient: str) -> Outcome:
    """Process one mail for one recipient; the same mail again changes nothing.

    If an error is raised, nothing was stored, and the caller has to make the sender try again.
    """
    path = return_paths.parse(recipient)
    if path is None:
        return Outcome.DROPPED
    mail = parse.parse_mail(raw, sender)
    key = _key_of(mail, raw, recipient)
    seen = InboundMail.objects.filter(key=key).first()
    if seen is not None:
        return Outcome(seen.outcome)
    result = _take(path, mail, key)
    InboundMail.objects.get_or_create(
        key=key,
        defaults={
            "outcome": result.outcome,
            "reason": result.reason,
            "contact": result.contact,
            "post": result.post,
        },
    )
    log.info("mail_received", extra={"outcome": result.outcome, "reason": result.reason})
    return result.outcome


def _take(path: return_paths.Path, mail: parse.Incoming, key: str) -> Result:
    if path.message_key is not None:
        return bounces.take_bounce(path.message_key, mail)
    reason = automatic.drop_reason(mail)
    if reason:
        return Result(Outcome.DROPPED, reason)
    return replies.take_reply(path.token, mail, key)


def _key_of(mail: parse.Incoming, raw: bytes, recipient: str) -> str:
    """Return a keyed hash, which tells neither the mail nor the recipient."""
    name = mail.header("Message-ID") or hashlib.sha256(raw).hexdigest()
    return salted_hmac("forum.inbound", f"{recipient.lower()} {name}", algorithm="sha256").hexdigest()
