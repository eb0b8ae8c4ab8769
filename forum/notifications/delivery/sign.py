"""DKIM: the site signs its mail itself when the operator gives a key, so that receivers can tell it from forgeries."""

from email.message import Message
from typing import Any

import dkim
from django.conf import settings
from django.core.mail import EmailMultiAlternatives

# What a reader or a mail program acts on: nobody may change it on the way, nor add a second one ("oversigning").
SIGNED = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
)
ONCE_ONLY = ("From", "To", "Subject", "Date", "Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post")


class SignedMail(EmailMultiAlternatives):
    """A mail that carries a signature, when settings.DKIM has a key."""

    def message(self, *args: Any, **kwargs: Any) -> Any:
        """Return the message as it goes to the mail server; made anew, and signed anew, each time."""
        message = super().message(*args, **kwargs)
        if settings.DKIM:
            message["DKIM-Signature"] = _signature(message)
        return message


def _signature(message: Message) -> str:
    """Return the header's value, on one line: relaxed signatures do not mind how headers are folded later."""
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
