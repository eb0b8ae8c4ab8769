"""Reminders before a credential lapses, word when it has, and mail that is only sent while it is true."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import credentials
from accounts.models import Credential
from forum import tasks
from forum.models import Delivery
from forum.notifications import mails, outbox
from forum.physicians import credential_reminders, credential_steps
from tests import factories
from tests.forum.notifications.mail_samples import Reader
from tests.forum.notifications.test_mails_texts import PRIVATE_WORDS, URL, grade
from tests.forum.physicians.test_directory import fresh
from tests.forum.views.credentials.people import NOTE, REASON

pytestmark = pytest.mark.django_db
GRANTED = date(2026, 11, 24)


def run_round() -> None:
    """Do what the hourly round does about credentials."""
    credential_reminders.remind()
    credential_reminders.tell_lapsed()
    credentials.forget_licence_numbers()


def ends_in(credential: Credential, days: int) -> None:
    """Let the credential's last day be so many days away; negative: past."""
    day = timezone.localdate() + timedelta(days=days)
    Credential.objects.filter(pk=credential.pk).update(valid_from=day - timedelta(days=365), valid_until=day)


def events() -> list[str]:
    """Return what mails about credentials are owed for."""
    rows = Delivery.objects.filter(kind="credential").order_by("pk")
    return [event.rpartition(":")[2] for event in rows.values_list("event", flat=True)]


def newest() -> Delivery:
    """Return the mail owed last."""
    return Delivery.objects.filter(kind="credential").select_related("credential", "recipient__user").latest("pk")


def test_a_year_from_granting_to_lapsing_with_a_round_every_day() -> None:
    with time_machine.travel(GRANTED) as clock:
        credential = factories.recognised()
        told = {}
        for day in range(400):
            clock.move_to(GRANTED + timedelta(days=day))
            before = events()
            run_round()
            for what in events()[len(before) :]:
                told[what] = (credential.valid_until - timezone.localdate()).days
    assert told == {"30": 30, "7": 7, "lapsed": -1}


def test_the_hourly_round_does_it_and_twice_is_once() -> None:
    ends_in(factories.recognised(), 20)
    for _ in range(2):
        tasks.upkeep()
    assert events() == ["30"]


@pytest.mark.parametrize(
    ("days", "told"), [(31, []), (30, ["30"]), (8, ["30"]), (7, ["7"]), (0, ["7"]), (-1, ["lapsed"])]
)
def test_a_round_that_comes_late_tells_what_is_true_now(days: int, told: list[str]) -> None:
    ends_in(factories.recognised(), days)
    run_round()
    assert events() == told


@pytest.mark.parametrize("days", [-31, -400])
def test_what_lapsed_long_ago_is_no_news(days: int) -> None:
    ends_in(factories.recognised(), days)
    run_round()
    assert not events()


@pytest.mark.parametrize("days", [20, 5, -3])
def test_who_has_renewed_is_told_nothing(days: int) -> None:
    credential = factories.recognised()
    ends_in(credential, min(days, 50))
    factories.recognised(fresh(credential.user))
    run_round()
    assert not events()


def test_who_was_withdrawn_is_told_that_alone() -> None:
    credential = factories.recognised()
    ends_in(credential, 5)
    credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    run_round()
    ends_in(credential, -5)
    run_round()
    assert events() == ["withdrawn"]


def test_a_reminder_that_is_not_true_any_more_does_not_leave() -> None:
    credential = factories.recognised()
    ends_in(credential, 5)
    run_round()
    reminder = newest()
    assert "ends on" in mails.compose(reminder).text
    asked = factories.asked(fresh(credential.user))
    with pytest.raises(mails.NotWanted):  # it is being renewed
        mails.compose(reminder)
    credential_steps.take_back(asked)
    mails.compose(reminder)
    ends_in(credential, -1)
    with pytest.raises(mails.NotWanted):  # it has lapsed: another mail says so
        mails.compose(newest())
    run_round()
    lapsed = newest()
    assert "ended on" in mails.compose(lapsed).text
    credential_steps.withdraw(credential, by=factories.checker(), reason=REASON)
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.get(pk=lapsed.pk))
    assert REASON in mails.compose(newest()).text


@pytest.mark.parametrize("what", ["30", "lapsed", "granted"])
def test_the_other_words_are_plain_neutral_and_the_same_in_both_parts(what: str) -> None:
    credential = factories.recognised(full_name="Dr Zebra")
    if what != "granted":
        ends_in(credential, 20 if what == "30" else -1)
        run_round()
    mail = mails.compose(Delivery.objects.get(kind="recognised") if what == "granted" else newest())
    html = " ".join(Reader(mail.html).words)
    for shown in (mail.subject, mail.text[:90], html[:90]):
        assert not PRIVATE_WORDS.search(shown) and "Zebra" not in shown
    assert grade(URL.sub("", mail.text)) <= 9 and "\n\n\n" not in mail.text
    assert set(Reader(mail.html).links) == set(URL.findall(mail.text))
    assert "Zebra" not in mail.text + mail.html


# --- Mail to checkers


def test_checkers_get_counts_of_what_they_can_do_and_no_name() -> None:
    ella, max_ = factories.checker("Ella"), factories.checker("Max")
    first = factories.asked(full_name="Dr Zebra")
    factories.asked(full_name="Dr Zebra")
    credential_steps.check(first, by=ella, note=NOTE)
    mine = {who: Delivery.objects.filter(kind="checkers", recipient__user=who).latest("pk") for who in (ella, max_)}
    for_max, for_ella = mails.compose(mine[max_]).text, mails.compose(mine[ella]).text
    assert "1 person asks" in for_max and "1 is checked" in for_max
    assert "1 person asks" in for_ella and "is checked" not in for_ella, "who checked cannot grant"
    assert "Zebra" not in for_max + for_ella
    ella.groups.clear()
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.select_related("recipient__user").get(pk=mine[ella].pk))


def test_a_checker_can_stop_these_mails() -> None:
    ella = factories.checker("Ella")
    factories.asked()
    [delivery] = Delivery.objects.filter(kind="checkers", recipient__user=ella)
    assert delivery.subscription and delivery.subscription.kind == "checkers"
    assert "<checkers." in mails.compose(delivery).headers["List-Id"]
    outbox.end(delivery.subscription)
    factories.asked()
    assert Delivery.objects.filter(kind="checkers", recipient__user=ella).count() == 1
