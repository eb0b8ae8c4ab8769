"""Mail that comes back: which address it stops, for how long, and who can start it again."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from django.utils import timezone

from accounts import addresses, suppressions
from accounts.models import Suppression
from forum.inbound import receive, webhooks
from forum.models import Delivery, InboundMail, Post
from forum.notifications.delivery import refusals, return_paths, send
from tests import factories
from tests.forum.inbound.letters import answerable, mail, told

pytestmark = pytest.mark.django_db
ASKER = "asker@guests.test"
Reason = Suppression.Reason


def sent() -> Delivery:
    question = factories.published(address=ASKER)
    factories.confirmed(question)
    note = told(question)
    Delivery.objects.filter(pk=note.pk).update(state=Delivery.State.SENT)
    return note


def report(status: str, *, action: str = "failed", recipient: str = ASKER) -> bytes:
    return (
        f"From: MAILER-DAEMON@x.test\nMessage-ID: <{status}{action}@x.test>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nIt did not work.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.test\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("status", "reason"),
    [("5.1.1", "hard"), ("5.2.1", "hard"), ("5.2.2", "soft"), ("4.4.1", "soft"), ("5.7.1", "soft")],
)
def test_a_report_stops_or_pauses_mail_to_the_address(status: str, reason: str) -> None:
    note = sent()
    address = return_paths.envelope_sender(note)
    for _ in range(2):
        assert receive.receive(report(status), sender="", recipient=address) == InboundMail.Outcome.BOUNCE
    row = Suppression.objects.get()
    assert (row.address_key, row.reason, row.count) == (addresses.key_of(ASKER), reason, 1)
    assert (row.until is None) == (reason == "hard")
    note.refresh_from_db()
    assert note.state == Delivery.State.FAILED and status in note.last_error
    assert ASKER not in row.detail + note.last_error


def test_what_is_only_late_stops_nothing() -> None:
    address = return_paths.envelope_sender(sent())
    assert receive.receive(report("4.4.1", action="delayed"), sender="", recipient=address) == "dropped"
    assert not Suppression.objects.exists()


def test_nobody_invents_a_bounce() -> None:
    note = sent()
    forged = f"bounce+{note.message_key.hex}{'0' * 16}@in.testserver"
    assert not receive.is_known(forged)
    assert receive.receive(report("5.1.1"), sender="", recipient=forged) == "dropped"
    # Nor does somebody's ordinary mail to the right address count as one.
    right = return_paths.envelope_sender(note)
    receive.receive(mail(ASKER, "550 5.1.1").as_bytes(), sender=ASKER, recipient=right)
    assert not Suppression.objects.exists()


def test_a_feedback_report_is_a_complaint() -> None:
    raw = report("5.1.1").replace(b"delivery-status; boundary", b"feedback-report; boundary")
    receive.receive(raw, sender="", recipient=return_paths.envelope_sender(sent()))
    assert Suppression.objects.get().reason == Reason.COMPLAINT


def test_soft_ones_pause_longer_and_longer_and_then_stop() -> None:
    pauses = []
    for _ in range(5):
        row = suppressions.suppress("key", Reason.SOFT)
        pauses.append(round((row.until - timezone.now()) / timedelta(days=1)) if row.until else None)
    assert pauses == [1, 2, 4, 8, None]
    suppressions.suppress("key", Reason.SOFT)
    assert Suppression.objects.get().until is None, "nothing softens what has stopped"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [("550 5.1.1 No such user", "hard"), ("550 relay denied", "soft"), ("552 5.2.2 full", "soft"), ("gone", None)],
)
def test_what_an_answer_says_about_the_address(answer: str, reason: str | None) -> None:
    assert refusals.reason_for(answer) == reason


@pytest.mark.parametrize(
    ("code", "words", "stops"),
    [(550, b"5.1.1 No such user", True), (550, b"relay denied", False), (450, b"4.2.2 full", False)],
)
def test_a_refusal_at_rcpt_stops_mail_only_when_it_names_the_mailbox(code: int, words: bytes, stops: bool) -> None:
    """A relay that refuses us altogether must not silence everybody."""
    send._note_refusal(SMTPRecipientsRefused({ASKER: (code, words)}))
    assert Suppression.objects.filter(address_key=addresses.key_of(ASKER), reason=Reason.HARD).exists() == stops
    assert Suppression.objects.exists() == stops


# --- A provider's webhook


def test_a_provider_brings_mail() -> None:
    _question, address = answerable()
    message = AnymailInboundMessage.parse_raw_mime(mail(ASKER).as_string())
    message.envelope_sender, message.envelope_recipient = ASKER, address
    event = AnymailInboundEvent(event_type="inbound", message=message)
    for _ in range(2):
        webhooks.take_mail(None, event)
    assert Post.objects.exclude(question=None).count() == 1


@pytest.mark.parametrize(
    ("kind", "words", "reason"),
    [("bounced", "smtp;550 5.1.1 unknown", "hard"), ("complained", "", "complaint"), ("bounced", "", "soft")],
)
def test_a_provider_tells_of_bounces_and_complaints_once(kind: str, words: str, reason: str) -> None:
    event = AnymailTrackingEvent(event_type=kind, event_id="1", recipient=ASKER, mta_response=words)
    for _ in range(3):
        webhooks.take_report(None, event)
    row = Suppression.objects.get()
    assert (row.reason, row.count, row.address_key) == (reason, 1, addresses.key_of(ASKER))


@pytest.mark.parametrize("kind", ["delivered", "opened", "deferred", "rejected"])
def test_nothing_else_that_a_provider_tells_stops_mail(kind: str) -> None:
    webhooks.take_report(None, AnymailTrackingEvent(event_type=kind, event_id="1", recipient=ASKER))
    assert not Suppression.objects.exists()
