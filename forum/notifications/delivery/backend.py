"""Django's mail backend for account mail: owe the message, let the worker send it (DESIGN 7).

A sign-in page so takes the same time whether or not the account exists, and works while the mail server is down.
"""

import uuid
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts import addresses
from accounts.models import Contact
from articles.text.plain import mail_text
from forum.models import Delivery
from forum.notifications import outbox
from forum.notifications.mails.styling import styled
from forum.notifications.mails.subjects import one_line


class OutboxBackend(BaseEmailBackend):
    """Writes one delivery for each recipient; the text is stored until it is sent, then erased.

    Of a mail in HTML (accounts.auth.adapter) the text part is made here, as it is for every other mail.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many messages are owed now."""
        for message in email_messages:
            for address in message.recipients():
                self._owe(message, address)
        return len(email_messages)

    def _owe(self, message: EmailMessage, address: str) -> None:
        html = str(message.body) if message.content_subtype == "html" else ""
        stored = {
            "subject": one_line(str(message.subject)),
            "text": mail_text(html) if html else str(message.body),
            "html": styled(html) if html else "",
            "headers": {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
        }
        # Its own contact for each message, forgotten as soon as the message is sent. Confirmed, in that allauth
        # decides by its own rate limits what an address may be sent.
        key = addresses.key_of(address)
        contact = Contact.objects.create(address=address, address_key=key, confirmed_at=timezone.now())
        outbox.owe(Delivery.Kind.ACCOUNT, f"account:{uuid.uuid4().hex}", contact, stored=stored)
