"""`manage.py send_test_mail`: one real mail, and plain words for each way in which it can fail."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from forum.notifications.delivery import test_mail
from tests.support.smtp import MailServer

ADDRESS = "canary@guests.test"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    server = MailServer().start()
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_TRANSPORT_OPTIONS = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    yield server
    server.stop()


def test_the_mail_arrives(server: MailServer, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("send_test_mail", ADDRESS)
    assert [mail.recipients for mail in server.mails] == [[ADDRESS]]
    assert server.mails[0].message["Auto-Submitted"] == "auto-generated"
    told = capsys.readouterr().out
    assert "The mail server took it" in told and "not signed" in told
    assert ADDRESS not in told


def test_a_refusal_is_explained_without_the_address(server: MailServer) -> None:
    server.mood.code = f"550 5.7.1 SPF fails for <{ADDRESS}>"
    with pytest.raises(CommandError, match="refused the mail itself") as told:
        call_command("send_test_mail", ADDRESS)
    assert "550" in str(told.value) and ADDRESS not in str(told.value)


def test_nobody_listens(server: MailServer) -> None:
    server.stop()
    with pytest.raises(CommandError, match="Nothing listens there"):
        call_command("send_test_mail", ADDRESS)


@pytest.mark.parametrize("typed", ["nobody", "a@b.test\nBcc: c@d.test"])
def test_what_is_no_address_is_refused(server: MailServer, typed: str) -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("send_test_mail", typed)
    assert not server.mails


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLCertVerificationError("x"), "certificate"),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), "port 587"),
        (socket.gaierror(-2, "x"), "No machine"),
        (TimeoutError(), "in time"),
        (smtplib.SMTPAuthenticationError(535, b"x"), "password"),
        (smtplib.SMTPRecipientsRefused({}), "recipient"),
        (smtplib.SMTPSenderRefused(550, b"x", "x"), "sender"),
        (smtplib.SMTPServerDisconnected("x"), "hung up"),
        (ValueError("x"), "nothing we know"),
    ],
)
def test_every_failure_has_its_words(error: Exception, words: str) -> None:
    assert words in test_mail.advice(error)
