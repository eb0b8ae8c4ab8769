"""SMTP server in the test process: keeps mails, and fails, delays or disconnects on request."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from postgres import free_port

ACCEPTED = "250 OK"


@dataclass(frozen=True)
class Received:
    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""


@dataclass
class Mood:
    code: str = ""  # answered to the message instead of 250, such as "451 4.3.0 try again later"
    share: float = 1.0  # of the mails that get that code
    times: int | None = None  # how many mails get it; None: all
    delay: float = 0.0  # seconds before the answer
    drop: str = ""  # "before": hang up without keeping the mail; "after": keep it and hang up without an answer
    chance: random.Random = field(default_factory=lambda: random.Random(1))


class MailServer:
    """Listens on 127.0.0.1. `url` is a value for EMAIL_URL; `mails` holds what arrived, in order."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.mails: list[Received] = []
        self.attempts = 0
        self.mood = Mood()
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    def start(self) -> "MailServer":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def behave(self, **mood: Any) -> None:
        """Change the behaviour, for example behave(code="451 later", times=3); behave() resets it."""
        self.mood = Mood(**mood)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mood = self.mood
        self.attempts += 1
        if mood.delay:
            await asyncio.sleep(mood.delay)
        if mood.drop == "before":
            server.transport.abort()
            return ACCEPTED
        if mood.code and mood.times != 0 and mood.chance.random() < mood.share:
            mood.times = None if mood.times is None else mood.times - 1
            return mood.code
        message = message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        received = Received(envelope.mail_from, list(envelope.rcpt_tos), message, envelope.original_content)
        with self._arrived:
            self.mails.append(received)
            self._arrived.notify_all()
        if mood.drop == "after":
            server.transport.abort()
        return ACCEPTED

    def find(self, wanted: Callable[[Received], bool] = lambda mail: True) -> list[Received]:
        with self._arrived:
            return [mail for mail in self.mails if wanted(mail)]

    def sent_to(self, address: str) -> list[Received]:
        return self.find(lambda mail: address in mail.recipients)

    def wait_for(
        self, wanted: Callable[[Received], bool] = lambda mail: True, count: int = 1, timeout: float = 30.0
    ) -> list[Received]:
        deadline = time.monotonic() + timeout
        with self._arrived:
            while len(found := [mail for mail in self.mails if wanted(mail)]) < count:
                left = deadline - time.monotonic()
                if left <= 0 or not self._arrived.wait(left):
                    everything = [(mail.recipients, mail.message["Subject"]) for mail in self.mails]
                    raise AssertionError(f"{len(found)} of {count} mails after {timeout} s; all so far: {everything}")
            return found
