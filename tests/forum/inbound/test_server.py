"""What the receiver answers, spoken to as a mail server does. The whole of it: tests/journeys/test_answer_by_mail.py."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forum.inbound import receive, server
from forum.inbound.settings import Listener

KNOWN = {"reply+1@in.testserver", "reply+2@in.testserver"}
Talk = Callable[[str], smtplib.SMTP]
Taken = list[tuple[bytes, str, str]]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Let the receiver know two addresses, and keep what it takes; "reply+2" meets a fault."""
    mails: Taken = []

    def accept(raw: bytes, *, sender: str, recipient: str) -> None:
        if recipient.startswith("reply+2"):
            raise OSError("The disk is full.")
        mails.append((raw, sender, recipient))

    monkeypatch.setattr(receive, "is_known", lambda address: address in KNOWN)
    monkeypatch.setattr(receive, "receive", accept)
    monkeypatch.setattr(server, "close_old_connections", lambda: None)
    return mails


@pytest.fixture
def talk(tmp_path: Path, taken: Taken) -> Iterator[Talk]:
    """Open a talk in a protocol with a receiver in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ends: list[Callable[[], None]] = []

    def start(protocol: str) -> smtplib.SMTP:
        socket = tmp_path / f"{protocol}.sock"
        opened = loop.create_unix_server(lambda: server.protocol(Listener(protocol, socket=socket)), str(socket))
        running = asyncio.run_coroutine_threadsafe(opened, loop).result(5)
        ends.append(lambda: loop.call_soon_threadsafe(running.close))  # type: ignore[arg-type] # its result is not used
        client = smtplib.LMTP(str(socket))
        if protocol == "smtp":
            client.ehlo_msg = "ehlo"
        client.ehlo_or_helo_if_needed() if protocol == "smtp" else client.ehlo("mx.test")
        ends.append(client.close)
        return client

    yield start
    for end in reversed(ends):
        end()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def begin(client: smtplib.SMTP, *recipients: str) -> list[int]:
    """Name sender and recipients; return the answers."""
    client.mail("ann@guests.test")
    return [client.rcpt(address)[0] for address in recipients]


def test_addresses_that_were_never_given_out_are_refused_at_once(talk: Talk) -> None:
    client = talk("lmtp")
    assert begin(client, "reply+1@in.testserver", "reply+9@in.testserver", "root@in.testserver") == [250, 550, 550]


def test_lmtp_answers_for_each_recipient_and_a_fault_asks_for_another_try(talk: Talk, taken: Taken) -> None:
    client = talk("lmtp")
    assert begin(client, "reply+1@in.testserver", "reply+2@in.testserver") == [250, 250]
    assert client.data(b"Subject: x\r\n\r\nHello\r\n")[0] == 250
    assert client.getreply()[0] == 451
    [(raw, sender, recipient)] = taken
    assert (raw, sender, recipient) == (b"Subject: x\r\n\r\nHello\r\n", "ann@guests.test", "reply+1@in.testserver")


def test_smtp_answers_once_and_a_fault_for_one_asks_for_another_try_of_all(talk: Talk, taken: Taken) -> None:
    client = talk("smtp")
    assert begin(client, "reply+1@in.testserver", "reply+2@in.testserver") == [250, 250]
    assert client.data(b"Subject: x\r\n\r\nHello\r\n")[0] == 451
    assert client.noop()[0] == 250
    assert begin(client, "reply+1@in.testserver") == [250]
    assert client.data(b"Subject: x\r\n\r\nHello\r\n")[0] == 250


def test_a_fault_while_an_address_is_looked_up_asks_for_another_try(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receive, "is_known", lambda address: 1 / 0)
    assert begin(talk("lmtp"), "reply+1@in.testserver") == [451]


def test_what_is_too_large_is_refused_for_good(talk: Talk, taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_MESSAGE_BYTES", 1_000)
    client = talk("lmtp")
    begin(client, "reply+1@in.testserver")
    assert client.data((b"x" * 70 + b"\r\n") * 30)[0] == 552
    assert not taken
