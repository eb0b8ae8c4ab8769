"""DKIM signatures of outgoing mail, when the operator gives a key (RFC 6376)."""

from email.message import Message
from typing import Any

import dkim
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

# Headers that readers and mail programs act on. Those in ONCE_ONLY are oversigned: nobody can add a second one.
SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
ONCE_ONLY = ("From", "To", "Subject", "Date", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post")


class SignedMail(EmailMultiAlternatives):
    def message(self, *args: Any, **kwargs: Any) -> Any:
        # It is signed again at each call, since the signature covers the Date.
        message = super().message(*args, **kwargs)
        if settings.DKIM:
            message["DKIM-Signature"] = _signature(message)
        return message


def _signature(message: Message) -> str:
    # On one line: relaxed canonicalization ignores later folding.
    present = [name for name in SIGNED if name in message]
    names = [name.lower().encode() for name in (*present, *ONCE_ONLY)]
    header = dkim.sign(
        message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        settings.DKIM["selector"].encode(),
        settings.DKIM["domain"].encode(),
        settings.DKIM["key"],
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=names,
    )
    return " ".join(header.decode("ascii").partition(":")[2].split())
