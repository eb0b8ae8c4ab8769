"""A mail server that says 4xx for an hour, and a mail whose template raises; the clock is moved, the server is real."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from forum.models import Delivery
from forum.notifications.delivery import claim, send
from forum.redis_guard import breaker
from tests import factories
from tests.faults.deliveries import owed_account_mail, owed_confirmation
from tests.faults.mail import TryingMailServer

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State
ADDRESSES = [f"hour-{number}@guests.test" for number in range(3)]


@pytest.fixture
def server(settings: Any) -> Iterator[TryingMailServer]:
    """The mail server that this process sends to; no task is published, the tests do the worker's work."""
    server = TryingMailServer()
    server.start()
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL_TRANSPORT_OPTIONS = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    breaker.trip(ConnectionError())
    yield server
    breaker.reset()
    server.stop()


def sweep() -> None:
    """Do what the sweep asks the workers to do."""
    claim.repair()
    for row in list(claim.due_deliveries()):
        send.deliver(row.pk)


def test_4xx_for_an_hour(server: TryingMailServer) -> None:
    """A handful of tries, further and further apart, all of the same mail; then it arrives, once, within the pause."""
    rows = [owed_confirmation(address) for address in ADDRESSES]
    server.behave(code="451 4.3.0 try again later")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _minute in range(60):
            sweep()
            clock.shift(timedelta(minutes=1))
        assert set(Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True)) == {
            "retrying"
        }
        tries = {address: len(server.ids_tried(address)) for address in ADDRESSES}
        server.behave()
        for _minute in range(90):
            sweep()
            clock.shift(timedelta(minutes=1))
    assert all(5 <= count <= 7 for count in tries.values()), tries
    assert server.copies(ADDRESSES) == dict.fromkeys(ADDRESSES, 1)
    assert [set(server.ids_tried(row.recipient.address)) for row in rows] == [{send.message_id(row)} for row in rows]


def test_a_template_that_raises(server: TryingMailServer, settings: Any, tmp_path: Path) -> None:
    """It holds up nothing else, its row says why, and with the template put right the mail leaves."""
    broken = tmp_path / "emails" / "confirm" / "subject.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("{{ days|no_such_filter }}")
    row, other = owed_confirmation(ADDRESSES[0]), owed_account_mail("other@guests.test")
    usual = settings.TEMPLATES
    settings.TEMPLATES = [{**usual[0], "DIRS": [tmp_path, *usual[0]["DIRS"]]}]
    sweep()
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, other.state) == (State.RETRYING, State.SENT)
    assert row.last_error.startswith("TemplateSyntaxError")
    settings.TEMPLATES = usual
    with time_machine.travel(row.next_attempt_at + timedelta(seconds=1), tick=False):
        sweep()
    assert server.copies([ADDRESSES[0], "other@guests.test"]) == {ADDRESSES[0]: 1, "other@guests.test": 1}


@pytest.mark.parametrize("jump", [timedelta(days=30), timedelta(days=-30)], ids=["ahead", "back"])
def test_a_clock_that_jumps_and_is_put_right(server: TryingMailServer, jump: timedelta) -> None:
    """What was owed before, meanwhile and after leaves once each, and nobody is told later than usual because of it."""
    moderator = "moderator@members.test"
    factories.moderator(address=moderator)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        owed_confirmation(ADDRESSES[0])
        clock.move_to(now + jump)
        owed_confirmation(ADDRESSES[1])
        sweep()
        clock.move_to(now)
        owed_confirmation(ADDRESSES[2])
        told = len(server.sent_to(moderator))
        for _minute in range(settings.MODERATOR_MAIL_MINUTES + 1):
            clock.shift(timedelta(minutes=1))
            sweep()
    assert server.copies(ADDRESSES) == dict.fromkeys(ADDRESSES, 1)
    assert (told, len(server.sent_to(moderator))) == (1, 2)
