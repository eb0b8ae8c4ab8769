"""Inbound mail settings as values: config/inbound.py reads them, settings.INBOUND holds them."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Listener:
    """A unix socket, or host and port; `protocol` is "lmtp" or "smtp"."""

    protocol: str
    host: str = ""
    port: int = 0
    socket: Path | None = None


@dataclass(frozen=True)
class Inbound:
    """`mailbox` is empty while inbound mail is off."""

    mailbox: str = ""
    listener: Listener | None = None
    # The name with which the mail server in front signs its Authentication-Results.
    authserv_id: str = ""
    provider: str = ""
    secret: str = ""
    # anymail's own names for the provider's keys.
    keys: dict[str, str] = field(default_factory=dict)
    days: int = 30

    @property
    def anymail(self) -> dict[str, str]:
        return {"WEBHOOK_SECRET": self.secret, **self.keys}

    @property
    def is_on(self) -> bool:
        return bool(self.mailbox)

    @property
    def box(self) -> str:
        return self.mailbox.partition("@")[0]

    @property
    def domain(self) -> str:
        return self.mailbox.partition("@")[2]
