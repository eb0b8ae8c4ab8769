"""Each step of forum.notifications.delivery.send, and how a mail can end."""

from datetime import timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import claim, outcome, send
from tests.faults.deliveries import ADDRESS, after_the_lease, fail_with, owed_account_mail, owed_confirmation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
State = Delivery.State


# --- The usual way


def test_sent_once(sent: list[EmailMessage]) -> None:
    """A task that comes twice, as after every sweep, finds nothing to do."""
    delivery = owed_confirmation()
    for _ in range(3):
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(sent)) == (State.SENT, 1, 1)
    assert delivery.sent_at is not None
    assert sent[0].to == [ADDRESS]


def test_never_inside_a_transaction(sent: list[EmailMessage]) -> None:
    """A lock held while a mail server thinks would stop the site."""
    delivery = owed_confirmation()
    with pytest.raises(RuntimeError, match="transaction"), transaction.atomic():
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, sent) == (State.OWED, 0, [])


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the claim is already there for everybody to see."""
    delivery = owed_confirmation()
    seen = []

    def look(_message: EmailMessage) -> None:
        delivery.refresh_from_db()
        seen.append((connection.in_atomic_block, connection.get_autocommit(), delivery.state))

    monkeypatch.setattr(EmailMultiAlternatives, "send", look)
    send.deliver(delivery.pk)
    assert seen == [(False, True, State.SENDING)]


# --- Claims


def test_claimed_by_one_of_two() -> None:
    """The second finds it leased; nobody finds it once it is done."""
    delivery = owed_confirmation()
    assert claim.claim(delivery.pk)
    assert claim.claim(delivery.pk) is None
    with time_machine.travel(after_the_lease(delivery), tick=False):
        send.deliver(delivery.pk)
        assert claim.claim(delivery.pk) is None


def test_what_is_not_due_is_not_claimed() -> None:
    """Parked, at its end, or pausing: whoever asks."""
    delivery = owed_confirmation()
    for state in (State.PARKED, State.SENT, State.FAILED, State.CANCELLED, State.GATHERED, State.SUPPRESSED):
        Delivery.objects.update(state=state)
        assert claim.claim(delivery.pk) is None
        assert not claim.due_deliveries()
    for state in (State.OWED, State.SENDING, State.RETRYING):
        Delivery.objects.update(state=state, next_attempt_at=timezone.now() + timedelta(seconds=30))
        assert claim.claim(delivery.pk) is None
        assert not claim.due_deliveries()


# --- What ends otherwise than sent


@pytest.mark.parametrize("step", ["compose", "send"])
def test_failure_is_tried_again_and_given_up_at_last(
    monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage], step: str
) -> None:
    """With growing pauses; the error stands on the row, without what it quoted."""
    delivery = owed_confirmation()
    fail = fail_with(ValueError(f"something about {ADDRESS}"))
    monkeypatch.setattr(*((mails, "compose", fail) if step == "compose" else (EmailMultiAlternatives, "send", fail)))
    pauses = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for attempt in range(1, outcome.MAX_ATTEMPTS):
            send.deliver(delivery.pk)
            delivery.refresh_from_db()
            assert (delivery.state, delivery.attempts) == (State.RETRYING, attempt)
            assert not claim.due_deliveries()
            pauses.append((delivery.next_attempt_at - timezone.now()).total_seconds())
            clock.move_to(delivery.next_attempt_at)
        send.deliver(delivery.pk)
        clock.shift(timedelta(days=2))
        assert not claim.due_deliveries()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, sent) == (State.FAILED, outcome.MAX_ATTEMPTS, [])
    assert delivery.last_error == "ValueError"
    assert pauses[0] < pauses[3] < pauses[6]
    assert 19 * 3600 < sum(pauses) < 30 * 3600


ANSWERS = [
    (SMTPDataError(451, b"4.3.0 later"), State.RETRYING),
    (SMTPDataError(554, f"5.7.1 no thanks {ADDRESS}".encode()), State.FAILED),
    # Said before any mail was named: the operator's password is wrong, or the server does not want us just now.
    (SMTPAuthenticationError(535, b"5.7.8 bad credentials"), State.RETRYING),
    (SMTPConnectError(554, b"no service"), State.RETRYING),
    (SMTPServerDisconnected("Connection unexpectedly closed"), State.RETRYING),
    (SMTPRecipientsRefused({ADDRESS: (450, b"busy")}), State.RETRYING),
    (SMTPRecipientsRefused({ADDRESS: (550, f"unknown {ADDRESS}".encode())}), State.FAILED),
    (ConnectionRefusedError(111, "Connection refused"), State.RETRYING),
    (TimeoutError("timed out"), State.RETRYING),
]


def test_the_mail_servers_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """4xx and a lost line may pass; 5xx is for good. The words are kept, the address is not."""
    for number, (error, state) in enumerate(ANSWERS):
        delivery = owed_confirmation(f"guest-{number}@guests.test")
        monkeypatch.setattr(EmailMultiAlternatives, "send", fail_with(error))
        send.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.state == state, error
        assert delivery.last_error.startswith(type(error).__name__)
        assert "@" not in delivery.last_error


def test_no_longer_wanted(sent: list[EmailMessage]) -> None:
    """Confirmed meanwhile: nothing to confirm; the row says why it was not sent."""
    delivery = owed_confirmation()
    Contact.objects.filter(pk=delivery.recipient_id).update(confirmed_at=timezone.now())
    send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.last_error, sent) == (State.CANCELLED, "Already confirmed.", [])


def test_no_address_any_more(sent: list[EmailMessage]) -> None:
    """Forgotten between the promise and the mail."""
    delivery = owed_confirmation()
    Contact.objects.filter(pk=delivery.recipient_id).update(address="")
    send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, sent) == (State.CANCELLED, [])


def test_not_yet(monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage]) -> None:
    """Postponed, and no try counted, however often."""
    delivery = owed_confirmation()
    with time_machine.travel(timezone.now(), tick=False) as clock, monkeypatch.context() as patch:
        for _ in range(outcome.MAX_ATTEMPTS + 1):
            later = timezone.now() + timedelta(minutes=5)
            patch.setattr(mails, "compose", fail_with(mails.NotYet(later)))
            send.deliver(delivery.pk)
            delivery.refresh_from_db()
            assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (State.OWED, 0, later)
            clock.move_to(later)
        patch.undo()
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, len(sent)) == (State.SENT, 1)


# --- Account mail


@pytest.mark.parametrize(
    "error",
    [None, SMTPDataError(554, b"no"), mails.NotWanted("Not any more.")],
    ids=["sent", "failed", "cancelled"],
)
def test_account_mail_is_forgotten_at_its_end(
    monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage], error: Exception | None
) -> None:
    """Its text holds a code, and its contact an address: both go when it is sent, failed or not wanted."""
    delivery = owed_account_mail()
    if error:
        monkeypatch.setattr(EmailMultiAlternatives, "send", fail_with(error))
    send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == {type(None): State.SENT, SMTPDataError: State.FAILED}.get(type(error), State.CANCELLED)
    assert delivery.stored is None
    assert (delivery.recipient.address, delivery.recipient.address_key) == ("", "")
    assert [(message.to, message.body) for message in sent] == ([] if error else [([ADDRESS], "Your code is QX7")])


def test_account_mail_is_kept_while_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage]
) -> None:
    """A mail server that is away for a minute costs nobody a sign-in code."""
    delivery = owed_account_mail()
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", fail_with(ConnectionRefusedError(111, "Connection refused")))
        send.deliver(delivery.pk)
    with time_machine.travel(after_the_lease(delivery), tick=False):
        send.deliver(delivery.pk)
    assert [message.body for message in sent] == ["Your code is QX7"]
