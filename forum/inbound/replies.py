"""Replies by mail: a mail becomes a post, as if typed into the form, or its sender is told why not."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.conflicts import Refused
from accounts.models import Contact
from accounts.models.contacts import key_of, keys_of
from forum.inbound import authentication
from forum.inbound.parse import Incoming
from forum.inbound.quoting import clean
from forum.models import Delivery, InboundMail, Post, ReplyAddress
from forum.models.posts import MAX_LENGTH
from forum.moderation import sanctions
from forum.notifications import outbox
from forum.posts import submit
from forum.posts.access import physician_credential
from forum.states import State

Outcome = InboundMail.Outcome
DAY = timedelta(days=1)
UNPROVEN = "Sent by mail, and nothing shows that it comes from its author’s mailbox: only the address in it says so."
ONE_FACTOR = "Sent by mail: for this volunteer the site asks a second factor, which a mail cannot give."


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    reason: str = ""
    contact: Contact | None = None
    post: Post | None = None


def take_reply(token: str, mail: Incoming, key: str) -> Result:
    """A second mail with the same `key` is ignored; the reason for a refusal is mailed."""
    address = ReplyAddress.objects.select_related("contact__user", "question").filter(token=token).first()
    if address is None:
        return Result(Outcome.DROPPED, "unknown")
    try:
        post = submit.submit(_draft(address, mail, key))
    except Refused as refused:
        _explain(address, refused.words)
        return Result(Outcome.REFUSED, refused.words, contact=address.contact)
    return Result(Outcome.TAKEN, contact=address.contact, post=post)


def _draft(address: ReplyAddress, mail: Incoming, key: str) -> submit.Draft:
    """Raise Refused with a code that templates/emails/refused/ explains.

    The sender is checked first: a stranger must not learn the state of the question or of the account.
    """
    contact, question = address.contact, address.question
    if key_of(mail.author) not in _keys_of(contact):
        raise Refused("other-address")
    if address.expires_at <= timezone.now():
        raise Refused("expired")
    if question.state != State.PUBLISHED:
        raise Refused("gone")
    if contact.user and sanctions.refusal(contact.user):
        raise Refused("paused")
    if _sent_today(contact) >= settings.ASK_PER_ADDRESS_DAY:
        raise Refused("too-many")
    return submit.Draft(
        text=_text(mail),
        form_key=f"mail:{key}",
        user=contact.user,
        name="" if contact.user else _name_of(contact),
        question=question,
        contact=contact,
        doubt=_doubt(contact, mail),
    )


def _keys_of(contact: Contact) -> list[str]:
    if contact.user is None:
        return [contact.address_key] if contact.address_key and contact.is_confirmed else []
    return keys_of(contact.user) if contact.user.is_active else []


def _sent_today(contact: Contact) -> int:
    recent = InboundMail.objects.filter(contact=contact, received_at__gt=timezone.now() - DAY)
    return recent.filter(outcome=Outcome.TAKEN).count()


def _doubt(contact: Contact, mail: Incoming) -> str:
    if not authentication.is_proven(mail, settings.INBOUND.authserv_id):
        return UNPROVEN
    return ONE_FACTOR if physician_credential(contact.user) else ""


def _text(mail: Incoming) -> str:
    text = clean.words_of(mail.text, wrapped=mail.is_wrapped)
    if not any(char.isalnum() for char in text):
        raise Refused("empty")
    if len(text) > MAX_LENGTH:
        raise Refused("too-long")
    return text


def _name_of(contact: Contact) -> str:
    return contact.posts.order_by("pk").values_list("name", flat=True)[0]


def _explain(address: ReplyAddress, code: str) -> None:
    """Mail the owner of the reply address, never the mail's From, at most once a day."""
    told = Delivery.objects.filter(recipient=address.contact, kind=Delivery.Kind.REFUSED)
    with transaction.atomic():
        last = told.order_by("-pk").first()
        if last is not None and last.created_at > timezone.now() - DAY:
            return
        # The event is named after the previous one: two mails at once then make one row, not two.
        event = f"refused-after:{last.pk if last else 0}"
        outbox.owe(Delivery.Kind.REFUSED, event, address.contact, post=address.question, stored={"why": code})
