"""A mail server with more ways to fail, and what the site wrote down about each mail."""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.support.smtp import ACCEPTED, MailServer, Mood
from tests.support.stack import Stack, wait_until

ROWS = """
SELECT d.kind, d.state, d.attempts, d.last_error AS error, d.next_attempt_at, d.message_key, c.address
FROM forum_delivery d JOIN accounts_contact c ON c.id = d.recipient_id ORDER BY d.id
"""
UNDONE = {"owed", "sending", "retrying"}


@dataclass(frozen=True)
class Copy:
    """One copy of a mail that the server kept."""

    address: str
    message_id: str
    at: float  # time.monotonic()
    dropped: bool  # the line was dropped instead of an answer: nobody at the other end can know


class TryingMailServer(MailServer):
    """Remembers every try, refused ones too; may refuse single recipients, and be slow after it kept a mail.

    `pause` is the window of DESIGN 7: the mail is kept, and the site does not know it yet.
    """

    # Of a hundred mails, while it has a bad day.
    BAD_DAY = (Mood(code="451 4.3.0 try again later"),) * 10 + (Mood(drop="before"),) * 5 + (Mood(drop="after"),) * 5

    def __init__(self) -> None:
        super().__init__()
        self.pause = 0.0
        self.refused: dict[str, str] = {}  # address -> answer to RCPT TO
        self.tries: list[tuple[str, str]] = []  # (recipient, Message-ID)
        self.kept: list[Copy] = []
        self.bad_day: random.Random | None = None

    def be_well(self) -> None:
        """Listen, and take every mail at once."""
        if self._controller is None:
            self.start()
        self.behave()
        self.pause = 0.0
        self.refused.clear()
        self.bad_day = None

    def have_a_bad_day(self, chance: random.Random) -> None:
        """Fail with a fifth of the mails: 4xx, or a line that is dropped before or after the mail was kept."""
        self.bad_day = chance

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
        if self.bad_day:
            fate = self.bad_day.randrange(100)
            self.mood = self.BAD_DAY[fate] if fate < len(self.BAD_DAY) else Mood()
        drop = self.mood.drop
        answer = await super().handle_DATA(server, session, envelope)
        if answer == ACCEPTED and drop != "before":
            now, dropped = time.monotonic(), drop == "after"
            self.kept += [Copy(to, str(message["Message-ID"]), now, dropped) for to in envelope.rcpt_tos]
        await asyncio.sleep(self.pause)
        return answer

    def ids_tried(self, address: str) -> list[str]:
        """Return the Message-ID of every try for one address."""
        return [message_id for recipient, message_id in list(self.tries) if recipient == address]

    def copies_kept(self, address: str) -> list[Copy]:
        """Return every copy of mail to one address, in order."""
        return [copy for copy in list(self.kept) if copy.address == address]

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


@contextmanager
def locked(stack: Stack) -> Iterator[None]:
    """Keep everybody from writing to the table of mail; on SQLite from writing anything."""
    if stack.database:
        with psycopg.connect(stack.database) as postgresql:
            postgresql.execute("LOCK TABLE forum_delivery IN EXCLUSIVE MODE")
            yield
    else:
        with closing(sqlite3.connect(stack.var / "db.sqlite3", timeout=20, isolation_level=None)) as sqlite:
            sqlite.execute("BEGIN IMMEDIATE")
            yield


def row_of(stack: Stack, address: str) -> dict[str, Any]:
    """Return the one delivery that a guest may have who has only asked."""
    (row,) = [row for row in rows(stack) if (row["address"], row["kind"]) == (address, "confirm")]
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


OWE = """
from tests import factories
for number in range({count}):
    factories.pending(address=f"{label}-{{number}}@guests.test")
"""


def owe_confirmations(stack: Stack, label: str, count: int) -> list[str]:
    """Let as many guests ask as by the form, without a request for each; return their addresses."""
    stack.shell(OWE.format(label=label, count=count))
    return guests(label, count)


def guests(label: str, count: int) -> list[str]:
    """Return that many addresses that nothing else uses."""
    return [f"{label}-{number}@guests.test" for number in range(count)]
