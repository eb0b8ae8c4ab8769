"""An asker answers the mail that says the question is public, by mail: real LMTP, the real receiver, worker and queue."""

import smtplib
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from postgres import free_port

from tests.conftest import StackFactory
from tests.journeys.people import Person, traces
from tests.journeys.post import links, wait_until_nothing_is_owed
from tests.journeys.test_main_journey import ASKER, ask, confirm, publish
from tests.support.browser import Pages
from tests.support.smtp import MailServer, Received
from tests.support.stack import Stack, wait_until

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=40), pytest.mark.database_neutral]
OWN_WORDS = "Thank you. I will ask my team about a test dose first."
COUNT = "from forum.models import Post; print(Post.objects.exclude(question=None).count())"


def test_a_mail_is_answered_by_mail(stack_factory: StackFactory, mail_server: MailServer, page_factory: Pages) -> None:
    port = free_port()
    env = {"INBOUND_ADDRESS": "reply@in.example.org", "INBOUND_LISTEN": f"lmtp://127.0.0.1:{port}"}
    stack = stack_factory(mail=mail_server, env=env)
    asker, moderator = (Person(page_factory(javascript=False, width=320), stack.url) for _ in range(2))
    moderator.sign_in("moderator@example.org")
    confirm(asker, mail_server, ask(asker))
    publish(moderator, "Published.")
    [told] = mail_server.wait_for(
        lambda sent: ASKER in sent.recipients and "public now" in str(sent.message["Subject"])
    )
    address = parseaddr(str(told.message["Reply-To"]))[1]
    assert address.startswith("reply+") and told.sender.startswith("bounce+")
    assert "You can also answer by mail" in told.text

    lmtp = _listening(port)
    lmtp.ehlo_or_helo_if_needed()
    lmtp.mail(ASKER)
    assert lmtp.rcpt("reply+0123456789abcdef0123456789abcdef@in.example.org")[0] == 550
    lmtp.rset()
    for _ in range(2):
        assert not lmtp.sendmail(ASKER, [address], _answer(told, address).as_bytes(policy=policy.SMTP))
    assert stack.shell(COUNT).strip() == "1", "the same mail twice is one reply"

    moderator.go("/moderation/")
    assert OWN_WORDS in moderator.text and "nothing shows that it comes from" in moderator.text
    asker.go(links(told, "/posts/")[0])
    assert OWN_WORDS not in asker.text, "it waits"
    publish(moderator, "Published.")
    wait_until_nothing_is_owed(stack)
    _shows_nothing_but_the_words(asker, address)
    _a_bounce_stops_further_mail(stack, lmtp, told)
    assert not traces(ASKER, stack.log_text().encode()) and address.split("@")[0] not in stack.log_text()


def _listening(port: int) -> smtplib.LMTP:
    """Return a connection as soon as the receiver listens."""
    found: list[smtplib.LMTP] = []

    def connects() -> bool:
        try:
            found.append(smtplib.LMTP("127.0.0.1", port))
        except OSError:
            return False
        return True

    wait_until(connects, 20, "the receiver")
    return found[0]


def _answer(told: Received, address: str) -> EmailMessage:
    """Return what a mail program makes of an answer: own words, a signature, and the whole mail quoted."""
    message = EmailMessage()
    message["From"] = f"Wren Tollkirsche <{ASKER}>"
    message["To"] = address
    message["Subject"] = f"Re: {told.message['Subject']}"
    message["Message-ID"] = "<one-answer@mail.guests.example>"
    message["In-Reply-To"] = str(told.message["Message-ID"])
    quoted = "\n".join(f"> {line}" for line in told.text.splitlines())
    signature = f"Kind regards\nWren Tollkirsche\n12 Mill Lane\n{ASKER}\nSent from my iPhone"
    message.set_content(
        f"{OWN_WORDS}\n\n{signature}\n\nOn 3 May 2026, at 10:12, Articles <{address}> wrote:\n\n{quoted}\n"
    )
    return message


def _shows_nothing_but_the_words(visitor: Person, address: str) -> None:
    """See the published reply without address, token, quote or signature."""
    visitor.go(visitor.path)
    reply = visitor.page.locator("article.post", has_text=OWN_WORDS).last.inner_text()
    assert OWN_WORDS in reply
    for left_over in ("Tollkirsche", "Mill Lane", "iPhone", "Kind regards", "wrote:", ">", "@", "You get this"):
        assert left_over not in reply, left_over
    body = visitor.page.content().encode()
    assert not traces(ASKER, body) and address.encode() not in body and b"in.example.org" not in body


def _a_bounce_stops_further_mail(stack: Stack, lmtp: smtplib.LMTP, told: Received) -> None:
    """Let the asker's mail server say that nobody is there."""
    report = (
        "From: MAILER-DAEMON@guests.example\nMessage-ID: <b@guests.example>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nNobody is there.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.guests.example\n\n"
        f"Final-Recipient: rfc822; {ASKER}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\n"
        "--b--\n"
    )
    assert not lmtp.sendmail("", [told.sender], report)
    found = stack.shell("from accounts.models import Suppression; print(Suppression.objects.get().reason)")
    assert found.strip() == "hard"
