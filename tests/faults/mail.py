"""A mail server with more ways to fail, and what the site wrote down about each mail."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.support.smtp import ACCEPTED, MailServer
from tests.support.stack import Stack, wait_until

ROWS = """
SELECT d.kind, d.state, d.attempts, d.last_error AS error, d.next_attempt_at, d.message_key, c.address
FROM forum_delivery d JOIN accounts_contact c ON c.id = d.recipient_id ORDER BY d.id
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
    """Return every delivery as the site's database has it; `later` marks those that are not due yet."""
    if stack.database:
        with psycopg.connect(stack.database, row_factory=dict_row) as postgresql:
            found = postgresql.execute(ROWS).fetchall()
    else:
        with closing(sqlite3.connect(f"{(stack.var / 'db.sqlite3').as_uri()}?mode=ro", uri=True, timeout=20)) as sqlite:
            sqlite.row_factory = sqlite3.Row
            found = [dict(row) for row in sqlite.execute(ROWS)]
    now = datetime.now(UTC)
    for row in found:
        due = row["next_attempt_at"]
        # SQLite keeps times as text, in UTC.
        due = datetime.fromisoformat(due).replace(tzinfo=UTC) if isinstance(due, str) else due
        row |= {"message_key": str(row["message_key"]).replace("-", ""), "later": due > now}
    return found


def row_of(stack: Stack, address: str) -> dict[str, Any]:
    """Return the only delivery to a guest's address."""
    (row,) = [row for row in rows(stack) if row["address"] == address]
    return row


def wait_until_quiet(stack: Stack, timeout: float = 60.0) -> None:
    """Wait until no mail is due and the queue is empty: what was not sent by then never will be.

    The next mail to moderators may be owed for later. What a killed worker had taken from the queue comes back after
    minutes, and finds nothing to do.
    """

    def quiet() -> bool:
        with stack.redis() as client:
            waiting = client.llen("celery")
        return not waiting and not any(is_undone(row) for row in rows(stack))

    wait_until(quiet, timeout, "the end of all deliveries")


def is_undone(row: dict[str, Any]) -> bool:
    """True for a mail that is on its way or will be tried again; not for one that was owed for later from the start."""
    return row["state"] in UNDONE and not (row["state"] == "owed" and row["later"])


def guests(label: str, count: int) -> list[str]:
    """Return that many addresses that nothing else uses."""
    return [f"{label}-{number}@guests.test" for number in range(count)]
