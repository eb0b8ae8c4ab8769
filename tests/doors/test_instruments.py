"""The instruments of the other tests find what they are there to find: each is shown one planted fault."""

import smtplib
import socket
from email.message import EmailMessage

import pytest
import pytest_socket

from tests.support.browser import Pages, axe_violations, scrolls_sideways
from tests.support.html import nu_errors
from tests.support.smtp import MailServer

pytestmark = pytest.mark.database_neutral
GOOD = '<!doctype html><html lang="en"><title>Good</title><main><h1>Good</h1><p>Text</p></main></html>'


def send(server: MailServer, subject: str = "Grüße") -> None:
    """Hand one mail to the server."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "site@example.org", "somebody@example.org"
    mail.set_content("Text")
    mail.add_alternative("<p>Text</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.send_message(mail)


def test_sockets_lead_nowhere_but_here() -> None:
    """192.0.2.1 is an address that belongs to nobody, kept for documentation."""
    with (
        pytest.warns(UserWarning, match="connect"),
        pytest.raises(pytest_socket.SocketConnectBlockedError),
        socket.socket() as out,
    ):
        out.connect(("192.0.2.1", 80))


def test_mail_server_keeps_mail(mail_server: MailServer) -> None:
    """With the parts decoded."""
    send(mail_server)
    (mail,) = mail_server.wait_for(lambda mail: mail.message["Subject"] == "Grüße", timeout=5)
    assert mail.recipients == ["somebody@example.org"]
    assert (mail.text.strip(), mail.html.strip()) == ("Text", "<p>Text</p>")
    assert mail_server.sent_to("somebody@example.org") == [mail]
    with pytest.raises(AssertionError, match="1 of 2"):
        mail_server.wait_for(count=2, timeout=0.1)


def test_mail_server_fails_on_demand(mail_server: MailServer) -> None:
    """A code for some time, hanging up before and after, and being gone."""
    mail_server.behave(code="451 4.3.0 later", times=1)
    with pytest.raises(smtplib.SMTPDataError):
        send(mail_server)
    send(mail_server)
    mail_server.behave(drop="before")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(mail_server)
    assert len(mail_server.mails) == 1
    mail_server.behave(drop="after")
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send(mail_server)
    assert len(mail_server.mails) == 2
    mail_server.stop()
    with pytest.raises(ConnectionRefusedError):
        send(mail_server)
    mail_server.behave()
    mail_server.start()
    send(mail_server)
    assert (len(mail_server.mails), mail_server.attempts) == (3, 5)


@pytest.mark.browser
@pytest.mark.slow
def test_axe_finds_a_fault(page_factory: Pages) -> None:
    """A picture without words, and nothing on a good page."""
    page = page_factory(javascript=True)
    page.set_content(GOOD)
    assert axe_violations(page) == []
    page.set_content(GOOD.replace("<p>Text</p>", '<img src="data:,">'))
    assert any(line.startswith("image-alt") for line in axe_violations(page))


@pytest.mark.browser
@pytest.mark.slow
def test_width_and_scripts_are_noticed(page_factory: Pages) -> None:
    """Scripts run only where a test lets them."""
    wide = GOOD.replace("<p>", '<p style="width: 500px">') + "<script>document.title = 'ran'</script>"
    quiet, running = page_factory(), page_factory(javascript=True, width=1280, dark=True)
    for page in (quiet, running):
        page.set_content(wide)
    assert (quiet.title(), running.title()) == ("Good", "ran")
    assert (scrolls_sideways(quiet), scrolls_sideways(running)) == (True, False)


@pytest.mark.slow
def test_html_checker_finds_a_fault() -> None:
    """One call for many pages, and the page is named."""
    assert nu_errors({"good": GOOD}) == []
    errors = nu_errors({"good": GOOD, "bad": GOOD.replace("</main>", "")})
    assert errors
    assert all(error.startswith("bad:") for error in errors)
