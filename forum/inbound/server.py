"""LMTP and SMTP server for inbound mail, behind the mail server of the same machine.

Each answer is about one recipient. 250 is sent after the outcome is stored; after an error 451 makes the other side
keep the mail and try again.
"""

import asyncio
import contextlib
import logging
import signal
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from django.db import close_old_connections

from forum.inbound import receive
from forum.inbound.settings import Listener

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 25 * 1024 * 1024
TAKEN = "250 2.0.0 Ok"
NO_SUCH_ADDRESS = "550 5.1.1 No such address here"
LATER = "451 4.3.0 Not now, please try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
MAX_RECIPIENTS = 20


class Handler:
    """Uses the database in a thread, since Django's ORM is synchronous."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        try:
            known = await asyncio.to_thread(_is_known, address)
        except Exception as error:
            return _failed(error)
        if not known:
            return NO_SUCH_ADDRESS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        # LMTP wants an answer for each recipient, SMTP one for all.
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        answers = [await asyncio.to_thread(_receive, raw, sender, to) for to in envelope.rcpt_tos]
        if isinstance(server, LMTP):
            return "\r\n".join(answers)
        # One failure fails all: on the next try receive() skips the recipients that were done.
        return next((answer for answer in answers if answer != TAKEN), TAKEN)


def _is_known(address: str) -> bool:
    close_old_connections()
    try:
        return receive.is_known(address)
    finally:
        close_old_connections()


def _receive(raw: bytes, sender: str, recipient: str) -> str:
    close_old_connections()
    try:
        receive.receive(raw, sender=sender, recipient=recipient)
    except Exception as error:  # any error: without an answer of 451 the mail would be lost
        return _failed(error)
    finally:
        close_old_connections()
    return TAKEN


def _failed(error: Exception) -> str:
    log.error("mail_not_taken", exc_info=error)
    return LATER


def protocol(listener: Listener) -> SMTP:
    kind = LMTP if listener.protocol == "lmtp" else SMTP
    return kind(
        Handler(),
        data_size_limit=MAX_MESSAGE_BYTES,
        enable_SMTPUTF8=True,
        ident="mail",
        hostname="localhost",
        timeout=120,
    )


async def listen(listener: Listener) -> None:
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if listener.socket:
        listener.socket.unlink(missing_ok=True)
        server = await loop.create_unix_server(lambda: protocol(listener), str(listener.socket))
        # The mail server in front runs as another user, in the same group.
        listener.socket.chmod(0o660)
    else:
        server = await loop.create_server(lambda: protocol(listener), listener.host, listener.port)
    async with server:
        await stopping.wait()
    if listener.socket:
        with contextlib.suppress(FileNotFoundError):
            listener.socket.unlink()
