"""Speaking LMTP or SMTP with the mail server on the same machine: every answer is about one recipient.

250 is said when the mail's outcome is written down; after a fault 451 lets the other side keep it and try again.
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

LARGEST = 25 * 1024 * 1024
TAKEN = "250 2.0.0 Ok"
NO_SUCH_ADDRESS = "550 5.1.1 No such address here"
LATER = "451 4.3.0 Not now, please try again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
MOST_RECIPIENTS = 20


class Handler:
    """What aiosmtpd asks at each step; the database is asked in a thread of its own."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Refuse addresses that were never given out."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
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
        """Take the mail for each recipient; LMTP wants an answer for each, SMTP one for all."""
        raw = envelope.original_content or b""
        sender = envelope.mail_from or ""
        answers = [await asyncio.to_thread(_receive, raw, sender, to) for to in envelope.rcpt_tos]
        if isinstance(server, LMTP):
            return "\r\n".join(answers)
        # Tried again, what was taken already is not taken twice.
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
    except Exception as error:  # whatever it is: the mail must not be lost
        return _failed(error)
    finally:
        close_old_connections()
    return TAKEN


def _failed(error: Exception) -> str:
    log.error("mail_not_taken", exc_info=error)
    return LATER


def protocol(listener: Listener) -> SMTP:
    """Return one connection's side of the talk."""
    kind = LMTP if listener.protocol == "lmtp" else SMTP
    return kind(
        Handler(), data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="mail", hostname="localhost", timeout=120
    )


async def listen(listener: Listener) -> None:
    """Take mail until SIGTERM or SIGINT."""
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
