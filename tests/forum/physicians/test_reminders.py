"""The week's mail to physicians: once a week, and only when something waits."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from forum import tasks
from forum.models import Delivery, DeskQuestion
from forum.notifications import mails, subscriptions
from forum.physicians import reminders
from forum.posts import submit
from tests import factories
from tests.forum.views.desk.desk import answer

pytestmark = pytest.mark.django_db


def owed() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="desk").select_related("recipient__user", "subscription").order_by("pk"))


def test_nothing_waits_nothing_is_owed() -> None:
    physician = factories.physician()
    assert reminders.remind_of_waiting() == 0
    factories.pending()
    answer(factories.published(), physician)
    assert reminders.remind_of_waiting() == 0 and not owed()


def test_once_a_week_for_each_physician_in_force() -> None:
    factories.published()
    olga, other = factories.physician("Olga"), factories.physician("Other")
    factories.physician("Lapsed", days=-1), factories.physician("Closed", is_active=False), factories.moderator()
    tasks.upkeep()
    tasks.upkeep()
    assert {delivery.recipient.user for delivery in owed()} == {olga, other}
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert reminders.remind_of_waiting() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert reminders.remind_of_waiting() == 2
    assert len(owed()) == 4


def test_two_rounds_at_once_owe_one_mail() -> None:
    factories.published()
    physician = factories.physician()
    reminders.remind_of_waiting()
    [first] = owed()
    Delivery.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=8))
    with time_machine.travel(first.created_at, tick=False):
        reminders.remind_of_waiting()
    assert len(owed()) == 1 and first.recipient.user == physician


def test_it_counts_what_is_true_when_it_leaves() -> None:
    asker, physician = factories.person(), factories.physician()
    factories.published(), factories.published()
    again = factories.published(user=asker)
    answer(again, factories.physician("Other"))
    factories.published(question=again, user=asker)
    reminders.remind_of_waiting()
    delivery = next(one for one in owed() if one.recipient.user == physician)
    mail = mails.compose(delivery)
    assert mail.subject == "2 questions are waiting for an answer" and "/desk/" in mail.text
    assert "After an answer, 1 question was asked again." in mail.text
    DeskQuestion.objects.filter(state="waiting").update(state="answered")
    assert mails.compose(delivery).subject == "1 question was asked again"
    DeskQuestion.objects.update(state="answered")
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)


def test_ones_own_question_is_nothing_to_be_reminded_of() -> None:
    physician = factories.physician()
    question = factories.published(user=physician)
    reminders.remind_of_waiting()
    [delivery] = owed()
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)
    submit.withdraw(question, actor=physician, version=question.version)
    assert reminders.remind_of_waiting() == 0


def test_whoever_has_stopped_it_gets_none() -> None:
    factories.published()
    factories.physician()
    reminders.remind_of_waiting()
    [delivery] = owed()
    assert delivery.subscription
    subscriptions.end(delivery.subscription)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        assert reminders.remind_of_waiting() == 0


def test_a_credential_that_lapses_meanwhile_stops_it() -> None:
    factories.published()
    physician = factories.physician()
    reminders.remind_of_waiting()
    [delivery] = owed()
    physician.credentials.update(valid_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)
