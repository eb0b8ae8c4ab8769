"""The settings of mail that comes in, as values. config/inbound.py reads them; settings.INBOUND holds them."""

from dataclasses import dataclass, field
from pathlib import Path


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
    # anymail's own names for the provider's keys.
    keys: dict[str, str] = field(default_factory=dict)
    days: int = 30

    @property
    def anymail(self) -> dict[str, str]:
        """What settings.ANYMAIL says."""
        return {"WEBHOOK_SECRET": self.secret, **self.keys}

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
