"""What leaves together and in which order, wherever a worker dies. Several workers at once: test_many_workers.py."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPDataError
from typing import Any

import pytest
import time_machine
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import OperationalError
from django.utils import timezone

from accounts.addresses import key_of
from accounts.models import Contact, Suppression
from forum import tasks
from forum.models import Delivery, Subscription
from forum.notifications import mails, outbox
from forum.notifications.delivery import claim, outcome, send
from tests.faults.deliveries import Killed, after_the_lease, fail_with, kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent", "plain_text")]
State, Kind, Pace = Delivery.State, Delivery.Kind, Subscription.Pace
ADDRESS = "reader@guests.test"
Texts = list[str]


@pytest.fixture
def contact() -> Contact:
    """A guest whose address is confirmed."""
    return Contact.objects.create(address=ADDRESS, address_key=key_of(ADDRESS), confirmed_at=timezone.now())


@pytest.fixture
def untrue() -> set[int]:
    """Numbers of send whose news is no longer true."""
    return set()


@pytest.fixture
def plain_text(monkeypatch: pytest.MonkeyPatch, untrue: set[int]) -> None:
    """A mail is the list of the events that it tells; here nothing depends on what its words are."""

    def compose(delivery: Delivery) -> mails.Mail:
        delivery.members = [member for member in delivery.members if member.pk not in untrue]
        if not delivery.members:
            raise mails.NotWanted("Nothing of it is true.")
        return mails.Mail("News", " ".join(member.event for member in delivery.members))

    monkeypatch.setattr(mails, "compose", compose)


def owed(contact: Contact, *events: str, bundle: str = "thread:1", **fields: Any) -> list[Delivery]:
    """Return what the person is owed, one row for each event, in this order."""
    made = {"kind": Kind.REPLY, "recipient": contact, "bundle": bundle, **fields}
    return [Delivery.objects.create(event=event, **made) for event in events]


def texts(sent: list[EmailMessage]) -> Texts:
    """Return what each mail tells."""
    return [str(message.body) for message in sent]


def states(*rows: Delivery) -> list[str]:
    """Return how far each got."""
    return [Delivery.objects.get(pk=row.pk).state for row in rows]


def sweep() -> None:
    """Do what the sweep asks the workers to do."""
    claim.repair()
    for row in list(claim.due_deliveries()):
        send.deliver(row.pk)


# --- Together


def test_what_is_due_in_one_bundle_leaves_as_one_mail(contact: Contact, sent: list[EmailMessage]) -> None:
    first, second, third = owed(contact, "a", "b", "c")
    (other,) = owed(contact, "x", bundle="thread:2")
    (alone,) = owed(contact, "y", bundle="")
    (later,) = owed(contact, "z", next_attempt_at=timezone.now() + timedelta(hours=1))
    (of_another,) = owed(Contact.objects.create(address="b@guests.test", confirmed_at=timezone.now()), "a")
    send.deliver(first.pk)
    assert texts(sent) == ["a b c", "x", "y"]
    assert states(first, second, third, other, alone, later, of_another) == ["sent"] * 5 + ["owed"] * 2
    second.refresh_from_db()
    assert second.gathered_into == first and second.sent_at
    sweep()
    assert len(sent) == 4


def test_no_more_than_a_mail_can_hold(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "GATHER_LIMIT", 3)
    first, *_rest = owed(contact, *"abcdefg", bundle="digest")
    send.deliver(first.pk)
    assert texts(sent) == ["a b c", "d e f", "g"]


def test_what_is_untrue_is_left_out(contact: Contact, sent: list[EmailMessage], untrue: set[int]) -> None:
    """Even the one under which the others leave."""
    first, second, third = owed(contact, "a", "b", "c")
    untrue |= {first.pk, second.pk}
    send.deliver(first.pk)
    assert texts(sent) == ["c"]
    assert states(first, second, third) == ["cancelled", "cancelled", "sent"]


def test_nothing_true_nothing_sent(contact: Contact, sent: list[EmailMessage], untrue: set[int]) -> None:
    rows = owed(contact, "a", "b")
    untrue |= {row.pk for row in rows}
    send.deliver(rows[0].pk)
    assert not sent and states(*rows) == ["cancelled", "cancelled"]


ENDS: list[tuple[Exception, str]] = [
    (SMTPDataError(554, b"no"), "failed"),
    (mails.NotWanted("Not any more."), "cancelled"),
    (send.Suppressed("It comes back."), "suppressed"),
]


@pytest.mark.parametrize(("error", "end"), ENDS, ids=[end for _error, end in ENDS])
def test_all_end_alike(contact: Contact, monkeypatch: pytest.MonkeyPatch, error: Exception, end: str) -> None:
    rows = owed(contact, "a", "b")
    monkeypatch.setattr(EmailMultiAlternatives, "send", fail_with(error))
    send.deliver(rows[0].pk)
    assert states(*rows) == [end, end]


# --- The same mail at every try


def test_after_a_failure_the_mail_tells_what_it_told(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lost try may have arrived: under its Message-ID nothing new may be told."""
    first, second = owed(contact, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", fail_with(TimeoutError("timed out")))
        send.deliver(first.pk)
    assert states(first, second) == ["retrying", "gathered"]
    (third,) = owed(contact, "c")
    with time_machine.travel(after_the_lease(first)):
        sweep()
    assert texts(sent) == ["a b", "c"]
    assert sent[0].extra_headers["Message-ID"] == send.message_id(first)
    assert states(first, second, third) == ["sent"] * 3


def test_killed_while_sending_the_mail_tells_what_it_told(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _second = owed(contact, "a", "b")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(outcome, "sent", kill)
        send.deliver(first.pk)
    owed(contact, "c")
    with time_machine.travel(after_the_lease(first)):
        sweep()
    assert texts(sent) == ["a b", "a b", "c"]
    assert sent[0].extra_headers["Message-ID"] == sent[1].extra_headers["Message-ID"]


def test_what_was_gathered_is_let_go_when_its_mail_is_stopped(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post of the first is withdrawn while it waits for its next try; the news of the second is still owed."""
    first, second = owed(contact, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", fail_with(SMTPDataError(451, b"later")))
        send.deliver(first.pk)
    outbox.cancel(Delivery.objects.filter(pk=first.pk))
    sweep()
    assert texts(sent) == ["b"] and states(first, second) == ["cancelled", "sent"]


def test_an_operator_sends_it_again_as_it_was(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = owed(contact, "a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(EmailMultiAlternatives, "send", fail_with(SMTPDataError(554, b"no")))
        send.deliver(first.pk)
    (third,) = owed(contact, "c", next_attempt_at=timezone.now() + timedelta(seconds=1))
    assert outbox.send_again(first) and not outbox.send_again(first)
    assert states(first, second) == ["owed", "gathered"]
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        sweep()
    assert texts(sent) == ["a b", "c"] and states(first, second, third) == ["sent"] * 3


def test_an_operator_stops_all_of_it(contact: Contact, sent: list[EmailMessage]) -> None:
    first, second = owed(contact, "a", "b")
    Delivery.objects.filter(pk=first.pk).update(state=State.RETRYING, attempts=2)
    Delivery.objects.filter(pk=second.pk).update(state=State.GATHERED, gathered_into=first)
    assert outbox.call_off(first, "Stopped by hand.") and not outbox.call_off(first, "Twice.")
    sweep()
    assert not sent and states(first, second) == ["cancelled", "cancelled"]


def test_erasing_stops_what_was_gathered(contact: Contact, sent: list[EmailMessage]) -> None:
    first, second = owed(contact, "a", "b")
    claimed = claim.claim(first.pk)
    assert claimed and states(first, second) == ["sending", "gathered"]
    outbox.forget([contact.pk])
    outcome.sent(claimed)
    sweep()
    assert not sent and states(first, second) == ["cancelled", "cancelled"]


# --- A burst


def test_the_first_reply_leaves_at_once_and_the_rest_of_the_burst_as_one(
    contact: Contact, sent: list[EmailMessage], settings: Any
) -> None:
    settings.REPLY_MAIL_MINUTES = 15
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        owed(contact, "a")
        sweep()
        for event in "bcd":
            clock.shift(timedelta(minutes=2))
            owed(contact, event)
            (elsewhere,) = owed(contact, f"elsewhere-{event}", bundle="")
            sweep()
            assert states(elsewhere) == ["sent"], "nothing else waits for it"
        assert texts(sent) == ["a", "elsewhere-b", "elsewhere-c", "elsewhere-d"]
        assert not Delivery.objects.exclude(attempts=0).filter(event__in=list("bcd")).exists(), "no try is counted"
        clock.move_to(start + timedelta(minutes=15, seconds=1))
        sweep()
        assert texts(sent)[-1] == "b c d" and len(sent) == 5
        clock.shift(timedelta(minutes=16))
        owed(contact, "e")
        sweep()
    assert texts(sent)[-1] == "e"


# --- Summaries


@pytest.mark.parametrize(
    ("pace", "now", "leaves"),
    [
        (Pace.AT_ONCE, "2026-11-24 15:00", "2026-11-24 15:00"),
        (Pace.DAILY, "2026-11-24 15:00", "2026-11-25 07:00"),
        (Pace.DAILY, "2026-11-24 06:59", "2026-11-24 07:00"),
        (Pace.DAILY, "2026-11-24 07:00", "2026-11-25 07:00"),
        (Pace.WEEKLY, "2026-11-24 15:00", "2026-11-30 07:00"),  # from a Tuesday to Monday
        (Pace.WEEKLY, "2026-11-30 06:00", "2026-11-30 07:00"),
        (Pace.WEEKLY, "2026-11-30 07:00", "2026-12-07 07:00"),
    ],
)
def test_when_a_summary_leaves(pace: Subscription.Pace, now: str, leaves: str) -> None:
    found = outbox.next_digest(pace, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(leaves).replace(tzinfo=UTC)


def test_news_takes_its_time_and_company_from_the_subscription(contact: Contact, sent: list[EmailMessage]) -> None:
    daily = Subscription.objects.create(contact=contact, kind=Subscription.Kind.REPLIES, pace=Pace.DAILY)
    weekly = Subscription.objects.create(contact=contact, kind=Subscription.Kind.DECISIONS, pace=Pace.WEEKLY)
    sunday = datetime(2026, 11, 29, 12, tzinfo=UTC)
    with time_machine.travel(sunday, tick=False) as clock:
        for event, subscription in (("day", daily), ("week", weekly)):
            outbox.owe(Kind.REPLY, event, contact, subscription=subscription)
        # What is for this person alone is no news for followers: it does not wait for a summary.
        outbox.owe(Kind.PUBLISHED, "mine", contact, subscription=daily)
        sweep()
        assert texts(sent) == ["mine"]
        clock.move_to(sunday.replace(hour=7) + timedelta(days=1))
        sweep()
    assert texts(sent) == ["mine", "day week"]


# --- In order


def test_in_the_order_in_which_it_was_owed(contact: Contact, sent: list[EmailMessage]) -> None:
    """Whichever task comes first."""
    rows = owed(contact, *"abcd", bundle="")
    for row in reversed(rows):
        send.deliver(row.pk)
    assert texts(sent) == ["a", "b", "c", "d"]


def test_a_mail_that_cannot_leave_holds_up_the_others_for_an_hour(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = owed(contact, "a", "b", bundle="")
    usual = EmailMultiAlternatives.send

    def refuse_the_first(message: EmailMultiAlternatives) -> int:
        if message.body == "a":
            raise SMTPDataError(451, b"later")
        return usual(message)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse_the_first)
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for minutes in (0, 5, 30, 59):
            clock.move_to(start + timedelta(minutes=minutes))
            sweep()
            assert not sent and states(first, second) == ["retrying", "owed"]
        clock.move_to(start + timedelta(minutes=61))
        sweep()
    assert texts(sent) == ["b"]


@pytest.mark.parametrize("kind", claim.NEVER_WAIT)
def test_what_is_urgent_waits_for_nothing(contact: Contact, kind: str) -> None:
    owed(contact, "a", bundle="")
    (urgent,) = owed(contact, "b", bundle="", kind=kind)
    assert urgent in claim.due_deliveries() and claim.claim(urgent.pk)


def test_many_that_wait_keep_nobody_else_out_of_the_sweep(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "SWEEP_BATCH", 3)
    first, *_waiting = owed(contact, *"abcdef", bundle="")
    (of_another,) = owed(Contact.objects.create(confirmed_at=timezone.now()), "x", bundle="")
    assert set(claim.due_deliveries()) == {first, of_another}


# --- Suppressed addresses


def test_no_mail_to_an_address_whose_mail_comes_back(contact: Contact, sent: list[EmailMessage]) -> None:
    """But for what its owner has just asked for."""
    Suppression.objects.create(address_key=key_of(ADDRESS), reason="hard", detail="550 unknown")
    (row,) = owed(contact, "a", bundle="")
    asked = [owed(contact, kind, bundle="", kind=kind)[0] for kind in ("confirm", "data")]
    sweep()
    row.refresh_from_db()
    assert (row.state, "550 unknown" in row.last_error) == (State.SUPPRESSED, True)
    assert texts(sent) == ["confirm", "data"] and states(*asked) == ["sent", "sent"]


def test_an_address_that_is_to_be_tried_again_later(contact: Contact, sent: list[EmailMessage]) -> None:
    until = timezone.now() + timedelta(hours=6)
    Suppression.objects.create(address_key=key_of(ADDRESS), reason="soft", until=until)
    first, second = owed(contact, "a", "b")
    sweep()
    assert not sent and states(first, second) == ["owed", "owed"]
    assert not Delivery.objects.exclude(gathered_into=None).exists()
    with time_machine.travel(until + timedelta(seconds=1)):
        sweep()
    assert texts(sent) == ["a b"]


def test_by_hand_it_is_tried_before_that_day(contact: Contact, sent: list[EmailMessage]) -> None:
    """Once: if it is refused again, the pause counts."""
    until = timezone.now() + timedelta(hours=6)
    Suppression.objects.create(address_key=key_of(ADDRESS), reason="soft", until=until)
    (row,) = owed(contact, "a", bundle="")
    sweep()
    row.refresh_from_db()
    assert not sent and row.is_paused and row.next_attempt_at == until
    assert outbox.hurry(row)
    sweep()
    assert texts(sent) == ["a"] and states(row) == ["sent"]
    row.refresh_from_db()
    assert row.last_error == ""


def test_what_came_back_for_the_moment_is_sent_again_by_hand(contact: Contact, sent: list[EmailMessage]) -> None:
    (row,) = owed(contact, "a", bundle="")
    sweep()
    Suppression.objects.create(address_key=key_of(ADDRESS), reason="soft", until=timezone.now() + timedelta(days=1))
    outbox.came_back(row, "5.2.2")
    assert outbox.send_again(row)
    sweep()
    assert texts(sent) == ["a", "a"] and states(row) == ["sent"]


# --- Overtaken


def test_who_was_overtaken_changes_nothing(contact: Contact) -> None:
    """Its lease ran out, and another worker is sending the mail: that one's outcome counts."""
    (row,) = owed(contact, "a", bundle="")
    slow = claim.claim(row.pk)
    with time_machine.travel(after_the_lease(row)):
        quick = claim.claim(row.pk)
        assert slow and quick
        outcome.failed(slow, TimeoutError("timed out"))
        outcome.ended(slow, State.CANCELLED, "No.")
        outcome.postponed(slow, timezone.now())
        assert states(row) == ["sending"]
        outcome.sent(quick)
    assert states(row) == ["sent"]


# --- A database that is locked, a clock that jumps


def test_a_locked_database_makes_no_second_copy(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has left: that is written as soon as the database can."""
    (row,) = owed(contact, "a")
    monkeypatch.setattr(outcome, "MARK_PAUSES", (0, 0, 0))
    locked = iter([OperationalError("database is locked")] * 3)

    def gathered(_delivery: Delivery) -> Any:
        for error in locked:
            raise error
        return Delivery.objects.none()

    monkeypatch.setattr(outcome, "gathered", gathered)
    send.deliver(row.pk)
    assert len(sent) == 1 and states(row) == ["sent"]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.SENDING, "attempts": 1, "next_attempt_at": timedelta(days=30)},
        {"state": State.RETRYING, "attempts": 3, "next_attempt_at": timedelta(days=30)},
        {"state": State.OWED, "created_at": timedelta(days=30), "next_attempt_at": timedelta(days=30)},
    ],
    ids=["sending", "retrying", "owed"],
)
def test_the_clock_was_a_month_ahead(contact: Contact, sent: list[EmailMessage], fields: dict[str, Any]) -> None:
    now = timezone.now()
    fields = {name: now + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    owed(contact, "a", **fields)
    claim.repair()
    with time_machine.travel(now + timedelta(seconds=100)):
        sweep()
    assert len(sent) == 1


def test_what_is_owed_for_later_keeps_its_distance(contact: Contact) -> None:
    """Owed by the wrong clock for a week later: a week from now. What the right clock owed is left alone."""
    month, week = timezone.now() + timedelta(days=30), timedelta(days=7)
    wrong, right = owed(contact, "a", created_at=month, next_attempt_at=month + week)[0], owed(contact, "b")[0]
    Delivery.objects.filter(pk=right.pk).update(next_attempt_at=timezone.now() + week)
    claim.repair()
    for row in (wrong, right):
        row.refresh_from_db()
        assert abs(row.next_attempt_at - timezone.now() - week) < timedelta(minutes=1)


# --- What it costs


def test_the_number_of_queries_is_small(
    contact: Contact, sent: list[EmailMessage], django_assert_max_num_queries: Any
) -> None:
    """For one alone: the claim, the row, suppression, the mark, what comes next; begin and commit around the claim."""
    (alone,) = owed(contact, "a", bundle="")
    with django_assert_max_num_queries(9):
        send.deliver(alone.pk)
    many = owed(contact, *[f"{number}" for number in range(60)])
    with django_assert_max_num_queries(16):
        send.deliver(many[0].pk)
    assert len(sent) == 2


def test_the_sweep_asks_workers_for_what_is_due(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_others = owed(contact, "a", "b")
    asked: list[int] = []
    monkeypatch.setattr(tasks, "send_soon", lambda due: asked.extend(due.values_list("pk", flat=True)))
    tasks.sweep()
    assert asked == [first.pk]


def test_the_sweep_does_not_fill_a_queue_that_is_full(contact: Contact, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in it already would be offered in every round again, and keep out the heartbeat."""
    owed(contact, "a")
    offered: list[int] = []
    monkeypatch.setattr(tasks, "send_soon", lambda due: offered.append(len(due)))
    for waiting in (0, claim.SWEEP_BATCH, claim.SWEEP_BATCH + 7):
        monkeypatch.setattr(tasks, "waiting_tasks", lambda waiting=waiting: waiting)
        tasks.sweep()
    assert offered == [1, 0, 0]


def test_one_task_does_not_go_on_for_ever(
    contact: Contact, sent: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery would end it in the middle of a mail; the sweep finds the rest."""
    monkeypatch.setattr(send, "ROUND_SECONDS", -1.0)
    first, *_rest = owed(contact, *"abc", bundle="")
    send.deliver(first.pk)
    assert texts(sent) == ["a"]
    sweep()
    sweep()
    assert texts(sent) == ["a", "b", "c"]
