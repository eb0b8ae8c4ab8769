"""A mail server with more ways to fail, and what the site wrote down about each mail."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from email import message_from_bytes, policy
from typing import Any

from tests.support.smtp import ACCEPTED, MailServer
from tests.support.stack import Stack, wait_until

ROWS = """
import json
from django.utils import timezone
from forum.models import Delivery
now = timezone.now()
rows = Delivery.objects.order_by("pk").select_related("recipient")
print(json.dumps([
    {"kind": row.kind, "state": row.state, "attempts": row.attempts, "error": row.last_error,
     "address": row.recipient.address, "message_key": row.message_key.hex, "stored": row.stored,
     "later": row.state == "owed" and row.next_attempt_at > now}
    for row in rows
]))
"""
UNDONE = {"owed", "sending", "retrying"}


class TryingMailServer(MailServer):
    """Remembers every try, refused ones too; may refuse single recipients, and be slow after it kept a mail.

    `pause` is the window of DESIGN 7: the mail is kept, and the site does not know it yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pause = 0.0
        self.refused: dict[str, str] = {}  # address -> answer to RCPT TO
        self.tries: list[tuple[str, str]] = []  # (recipient, Message-ID)

    def be_well(self) -> None:
        """Listen, and take every mail at once."""
        if self._controller is None:
            self.start()
        self.behave()
        self.pause = 0.0
        self.refused.clear()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Refuse the recipients that are to be refused."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Note the try, do as told, and be slow to say so."""
        message = message_from_bytes(envelope.original_content, policy=policy.default)
        self.tries += [(address, str(message["Message-ID"])) for address in envelope.rcpt_tos]
        answer = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self.pause)
        return answer

    def ids_tried(self, address: str) -> list[str]:
        """Return the Message-ID of every try for one address."""
        return [message_id for recipient, message_id in list(self.tries) if recipient == address]

    def copies(self, addresses: Iterable[str]) -> dict[str, int]:
        """Return how many mails each of the addresses got."""
        got = Counter(address for mail in self.find() for address in mail.recipients)
        return {address: got[address] for address in addresses}


def rows(stack: Stack) -> list[dict[str, Any]]:
    """Return every delivery as the site's database has it."""
    found: list[dict[str, Any]] = json.loads(stack.shell(ROWS))
    return found


def row_of(stack: Stack, address: str) -> dict[str, Any]:
    """Return the only delivery to a guest's address."""
    (row,) = [row for row in rows(stack) if row["address"] == address]
    return row


def wait_until_quiet(stack: Stack, timeout: float = 60.0) -> None:
    """Wait until nothing is owed any more and the queue is empty: what was not sent by then never will be.

    The next mail to moderators may be owed for later.
    """

    def quiet() -> bool:
        with stack.redis() as client:
            waiting = client.llen("celery") + client.hlen("unacked")
        return not waiting and not any(row["state"] in UNDONE and not row["later"] for row in rows(stack))

    wait_until(quiet, timeout, "the end of all deliveries")


def guests(label: str, count: int) -> list[str]:
    """Return that many addresses that nothing else uses."""
    return [f"{label}-{number}@guests.test" for number in range(count)]
