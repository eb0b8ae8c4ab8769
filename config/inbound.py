"""Settings of mail that comes in: answers by mail and bounces. Off until the operator gives an address."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import environment

# The providers whose webhooks anymail understands, by the first part of its URLs.
PROVIDERS = {
    *("amazon_ses", "brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "mandrill", "postal", "postmark"),
    *("resend", "sendgrid", "sparkpost", "unisender_go"),
}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._-]{0,15}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


@dataclass(frozen=True)
class Listener:
    """Where the receiver listens: a unix socket, or host and port; speaking LMTP or SMTP."""

    protocol: str
    host: str = ""
    port: int = 0
    socket: Path | None = None


@dataclass(frozen=True)
class Inbound:
    """What the operator has set; `mailbox` is empty while mail is not taken."""

    mailbox: str = ""
    listener: Listener | None = None
    # The name with which the mail server in front signs its Authentication-Results.
    authserv_id: str = ""
    provider: str = ""
    secret: str = ""
    days: int = 30

    @property
    def is_on(self) -> bool:
        """True when there is an address to answer to."""
        return bool(self.mailbox)

    @property
    def box(self) -> str:
        """The name before the @."""
        return self.mailbox.partition("@")[0]

    @property
    def domain(self) -> str:
        """What stands behind it."""
        return self.mailbox.partition("@")[2]


def read() -> Inbound:
    """Return the settings, or refuse those that could not work."""
    address = environment.text("INBOUND_ADDRESS").lower()
    if address and not _ADDRESS.fullmatch(address):
        raise environment.refuse("INBOUND_ADDRESS", "must be like reply@in.example.org, without a plus sign.")
    provider = environment.choice("INBOUND_PROVIDER", "", PROVIDERS | {""})
    secret = environment.text("INBOUND_WEBHOOK_SECRET")
    if provider and (":" not in secret or len(secret) < 24):
        raise environment.refuse("INBOUND_WEBHOOK_SECRET", "must be like user:password, of at least 24 characters.")
    return Inbound(
        mailbox=address,
        listener=_listener(environment.text("INBOUND_LISTEN", "lmtp://127.0.0.1:8024")) if address else None,
        authserv_id=environment.text("INBOUND_AUTHSERV_ID").lower(),
        provider=provider,
        secret=secret,
        days=environment.number("REPLY_ADDRESS_DAYS", 30, 1, 365),
    )


def _listener(url: str) -> Listener | None:
    """Return where to listen: lmtp://127.0.0.1:8024, lmtp+unix:///run/hsp/lmtp.sock, smtp://127.0.0.1:2525, or none."""
    if url == "none":
        return None
    parts = urlsplit(url)
    protocol, _plus, kind = parts.scheme.partition("+")
    if protocol in {"lmtp", "smtp"} and kind == "unix" and parts.path:
        return Listener(protocol, socket=Path(unquote(parts.path)))
    # It has neither passwords nor encryption: the mail server in front stands on the same machine.
    if protocol in {"lmtp", "smtp"} and not kind and parts.hostname in LOOPBACK and parts.port:
        return Listener(protocol, host=parts.hostname or "", port=parts.port)
    raise environment.refuse("INBOUND_LISTEN", "must be like lmtp://127.0.0.1:8024 or lmtp+unix:///run/hsp/lmtp.sock.")
