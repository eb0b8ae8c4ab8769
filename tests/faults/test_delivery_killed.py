"""The worker dies after any step of a delivery, or is overtaken: what the row says then, and what is sent."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives

from forum import tasks
from forum.models import Delivery
from forum.notifications.delivery import claim, outcome, send
from tests.faults.deliveries import ADDRESS, Killed, after_the_lease, kill, owed_account_mail, owed_confirmation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
State = Delivery.State


@pytest.mark.parametrize(
    ("where", "what", "copies"),
    [
        pytest.param(send, "_message", 1, id="claimed"),
        pytest.param(EmailMultiAlternatives, "send", 1, id="composed"),
        # The one window for a second copy.
        pytest.param(outcome, "sent", 2, id="sent but not marked"),
    ],
)
@pytest.mark.parametrize("owed", [owed_confirmation, owed_account_mail], ids=["confirmation", "account mail"])
def test_killed_after_each_step(
    monkeypatch: pytest.MonkeyPatch,
    sent: list[EmailMessage],
    owed: Callable[[], Delivery],
    where: Any,
    what: str,
    copies: int,
) -> None:
    """The row stays claimed, is left alone until the lease runs out, and goes out then with the same Message-ID."""
    delivery = owed()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(where, what, kill)
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SENDING, 1)
    assert not claim.due_deliveries()
    send.deliver(delivery.pk)
    assert len(sent) == copies - 1
    with time_machine.travel(after_the_lease(delivery), tick=False):
        assert list(claim.due_deliveries()) == [delivery]
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(sent)) == (State.SENT, 2, copies)
    assert ids(sent) == {send.message_id(delivery)}


def test_killed_after_the_mark(monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage]) -> None:
    """Sent once; the address that was not forgotten then goes with the hourly round."""
    delivery = owed_account_mail()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(send, "Contact", SimpleNamespace(objects=SimpleNamespace(filter=kill)))
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.stored, len(sent)) == (State.SENT, None, 1)
    assert delivery.recipient.address == ADDRESS
    tasks.housekeeping()
    delivery.recipient.refresh_from_db()
    assert delivery.recipient.address == ""


def test_a_slow_worker_does_not_undo_what_came_after(monkeypatch: pytest.MonkeyPatch, sent: list[EmailMessage]) -> None:
    """Its lease ran out, another one sent the mail, and then the first one's try fails."""
    delivery = owed_confirmation()

    def overtaken(_message: EmailMessage) -> None:
        with time_machine.travel(after_the_lease(delivery), tick=False), monkeypatch.context() as inner:
            inner.undo()
            inner.setattr(EmailMultiAlternatives, "send", usual)
            send.deliver(delivery.pk)
        raise TimeoutError("timed out")

    usual = EmailMultiAlternatives.send
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", overtaken)
        send.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(sent)) == (State.SENT, 2, 1)


def ids(messages: list[EmailMessage]) -> set[str]:
    """Return the Message-IDs."""
    return {message.extra_headers["Message-ID"] for message in messages}
