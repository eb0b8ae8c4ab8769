"""What the clock tells: a post that waits too long, a claim that will lapse, and the day's mail to moderators."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact, User
from forum import tasks
from forum.models import Delivery, DeskQuestion, Post, Subscription
from forum.moderation import escalation
from forum.notifications import following, mails, outbox
from forum.physicians import claims, reminders
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import Desk, answer, url
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
List = Subscription.Kind
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def owed(kind: str, user: User | None = None) -> list[Delivery]:
    """Return what is owed of the kind, and has not ended."""
    rows = Delivery.objects.with_everything().filter(kind=kind).exclude(state="cancelled").order_by("pk")
    return list(rows.filter(recipient__user=user) if user else rows)


def wanting(user: User, kind: Subscription.Kind, pace: str = "at-once") -> Subscription:
    """Return the person's list, at the pace."""
    subscription = outbox.follow(Contact.objects.for_user(user), kind)
    following.change_pace(Subscription.objects.filter(pk=subscription.pk), Subscription.Pace(pace))
    return subscription


def waiting(age: timedelta, **fields: Any) -> Post:
    """Return a post that has waited for that long."""
    post = factories.pending(**fields)
    Post.objects.filter(pk=post.pk).update(waiting_since=timezone.now() - age)
    return post


def sent() -> None:
    """Let everything leave that is owed."""
    Delivery.objects.filter(state="owed").update(state="sent", sent_at=timezone.now())


# --- Posts that wait for too long


def test_each_moderator_is_told_once_of_what_has_waited_longer_than_the_target(settings: Any) -> None:
    settings.MODERATION_TARGET_HOURS = 24
    first, second = factories.moderator(), factories.moderator()
    factories.moderator(is_active=False), factories.physician()
    waiting(23 * HOUR)
    tasks.lateness()
    assert not owed("escalation")
    waiting(25 * HOUR), waiting(50 * HOUR)
    tasks.lateness()
    tasks.lateness()
    rows = owed("escalation")
    assert {row.recipient.user for row in rows} == {first, second} and len(rows) == 2
    mail = mails.compose(rows[0])
    assert mail.subject == "2 posts have waited for too long"
    assert "more than 24 hours" in mail.text and "The oldest has waited for 2\xa0days, 2\xa0hours." in mail.text


def test_one_mail_a_day_and_only_for_what_has_passed_the_target_since(settings: Any) -> None:
    factories.moderator()
    start = timezone.now()
    waiting(25 * HOUR)
    waiting(22 * HOUR)
    told = {}
    for hours in range(0, 75, 3):
        with time_machine.travel(start + hours * HOUR, tick=False):
            if escalation.escalate():
                told[hours] = escalation.escalate()  # and a second round at once
            sent()
    # The second post passed after two hours, and was told of a day after the first mail; then there is no news.
    assert told == {0: 0, 24: 0}


def test_two_rounds_at_the_same_moment_owe_one_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither sees what the other is about to write."""
    monkeypatch.setattr(escalation, "_last_told", lambda _contacts: {})
    factories.moderator(), waiting(25 * HOUR)
    escalation.escalate()
    escalation.escalate()
    assert len(owed("escalation")) == 1


def test_a_mail_that_was_not_needed_does_not_keep_the_next_one_back() -> None:
    moderator, post = factories.moderator(), waiting(25 * HOUR)
    escalation.escalate()
    Delivery.objects.filter(kind="escalation").update(state="cancelled", created_at=timezone.now() - 2 * HOUR)
    factories.decide(post, Move.PUBLISH)
    assert escalation.escalate() == 0
    waiting(25 * HOUR)
    assert escalation.escalate() >= 1 and len(owed("escalation", moderator)) == 1


def test_what_moderators_wrote_themselves_is_for_the_others() -> None:
    author, other = factories.moderator(), factories.moderator()
    waiting(30 * HOUR, user=author)
    escalation.escalate()
    assert not owed("escalation", author) and len(owed("escalation", other)) == 1
    waiting(26 * HOUR)
    escalation.escalate()
    assert mails.compose(owed("escalation", author)[0]).subject == "1 post has waited for too long"


def test_what_came_back_has_waited_only_since_then(settings: Any) -> None:
    """It keeps its place in the queue, but its author had it for most of the time."""
    factories.moderator()
    start = timezone.now()
    post = factories.pending(user=factories.person())
    with time_machine.travel(start + 20 * HOUR, tick=False):
        factories.decide(post, Move.RETURN)
    with time_machine.travel(start + 40 * HOUR, tick=False):
        submit.edit(post, "Is this the question without the name?", actor=post.author, version=post.version)
        assert escalation.escalate() == 0
    with time_machine.travel(start + 65 * HOUR, tick=False):
        assert escalation.escalate()
        assert "has waited for 1\xa0day, 1\xa0hour" in mails.compose(owed("escalation")[0]).text


# --- A claim that will lapse


def claimed(left: timedelta) -> tuple[User, Post]:
    """Return a physician and the question that they said they are answering, for that much longer."""
    physician, question = factories.physician(), factories.published()
    assert claims.claim_question(question, physician)
    DeskQuestion.objects.filter(question=question).update(claimed_until=timezone.now() + left)
    return physician, question


def test_the_physician_is_told_once_before_the_claim_lapses() -> None:
    claimed(7 * HOUR), claimed(-HOUR)
    tasks.lateness()
    assert not owed("claim")
    physician, question = claimed(5 * HOUR)
    tasks.lateness()
    tasks.lateness()
    [row] = owed("claim")
    assert (row.recipient.user, row.post) == (physician, question)
    assert f"/desk/{question.public_id}/" in mails.compose(row).text


def test_one_who_asks_for_more_time_is_told_again_of_the_new_end(settings: Any) -> None:
    physician, question = claimed(5 * HOUR)
    reminders.remind_of_lapsing_claims()
    page = Desk(physician).open(question)
    assert "I need more time" in page.text
    Desk(physician).post(url(question, "claim/"))
    [first] = owed("claim")
    with pytest.raises(mails.NotWanted):
        mails.compose(first)
    with time_machine.travel(timezone.now() + timedelta(hours=settings.DESK_CLAIM_HOURS - 5), tick=False):
        reminders.remind_of_lapsing_claims()
        assert mails.compose(owed("claim")[1])


def test_a_short_claim_is_told_of_when_half_of_its_time_is_over(settings: Any) -> None:
    settings.DESK_CLAIM_HOURS = 2
    claimed(1.5 * HOUR)
    assert reminders.remind_of_lapsing_claims() == 0
    claimed(0.9 * HOUR)
    assert reminders.remind_of_lapsing_claims() == 1


# --- Once a day


def test_who_wants_one_mail_a_day_gets_no_other(settings: Any) -> None:
    settings.DIGEST_HOUR, settings.MODERATOR_MAIL_MINUTES = 7, 0
    at_once, daily = factories.moderator(), factories.moderator()
    wanting(daily, List.QUEUE, "daily")
    monday = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)
    with time_machine.travel(monday, tick=False):
        factories.pending(), factories.pending()
        [row] = owed("queue", daily)
        assert row.next_attempt_at == datetime(2031, 3, 4, 7, 0, tzinfo=UTC)
        assert owed("queue", at_once)[0].next_attempt_at == monday
    with time_machine.travel(monday + DAY, tick=False):
        sent()
        # Nothing new has come in, but something still waits: the next day's mail says so, once.
        tasks.lateness()
        tasks.lateness()
        assert [row.next_attempt_at.day for row in owed("queue", daily)] == [4, 5]
        assert len(owed("queue", at_once)) == 1


def test_who_goes_back_to_at_once_does_not_wait_for_the_next_day(settings: Any) -> None:
    settings.MODERATOR_MAIL_MINUTES = 15
    moderator = factories.moderator()
    wanting(moderator, List.QUEUE, "daily")
    factories.pending()
    wanting(moderator, List.QUEUE)
    factories.pending()
    soon = timezone.now() + timedelta(minutes=16)
    assert [row.next_attempt_at < soon for row in owed("queue", moderator)] == [False, True]


def test_the_days_mail_counts() -> None:
    daily = factories.moderator()
    wanting(daily, List.QUEUE, "daily")
    factories.pending(), factories.pending("My pump has stopped and I have a high fever, what now?")
    assert Post.objects.urgent().count() == 1
    mail = mails.compose(owed("queue", daily)[0])
    assert mail.subject == "2 posts are waiting for a moderator"
    assert "1 of them sounds like an emergency" in mail.text and "once a day" in mail.text
    assert "The oldest has waited since" in mail.text


def test_nothing_waits_nothing_is_owed() -> None:
    daily = factories.moderator()
    wanting(daily, List.QUEUE, "daily")
    tasks.lateness()
    assert not owed("queue")


# --- All of them


@pytest.mark.parametrize(
    ("kind", "begin", "undo"),
    [
        ("escalation", lambda: waiting(30 * HOUR), lambda post: factories.decide(post, Move.PUBLISH)),
        ("claim", lambda: claimed(5 * HOUR)[1], lambda post: answer(post, post.desk.claimed_by)),
        ("claim", lambda: claimed(5 * HOUR)[1], lambda post: claims.release(post, post.desk.claimed_by)),
        ("claim", lambda: claimed(5 * HOUR)[1], lambda post: factories.decide(post, Move.REMOVE)),
        ("queue", lambda: waiting(HOUR), lambda post: factories.decide(post, Move.PUBLISH)),
        ("received", lambda: factories.pending(user=factories.person()), lambda p: factories.decide(p, Move.REJECT)),
    ],
)
def test_what_is_no_longer_so_is_not_told(kind: str, begin: Callable[[], Post], undo: Callable[[Post], Any]) -> None:
    factories.moderator()
    post = begin()
    tasks.lateness()
    rows = owed(kind)
    assert rows and mails.compose(rows[0])
    undo(Post.objects.get(pk=post.pk))
    for row in Delivery.objects.with_everything().filter(pk__in=[row.pk for row in rows]):
        if row.state != Delivery.State.CANCELLED:
            with pytest.raises(mails.NotWanted):
                mails.compose(row)


@pytest.mark.parametrize(
    ("kind", "begin"), [("escalation", lambda: waiting(30 * HOUR)), ("claim", lambda: claimed(5 * HOUR)[1])]
)
def test_who_has_stopped_the_list_is_owed_nothing(kind: str, begin: Callable[[], Post]) -> None:
    moderator = factories.moderator()
    post = begin()
    user = moderator if kind == "escalation" else DeskQuestion.objects.get(question=post).claimed_by
    assert user
    outbox.end(outbox.follow(Contact.objects.for_user(user), List.ESCALATION if kind == "escalation" else List.CLAIMS))
    tasks.lateness()
    assert not owed(kind, user)


def test_a_round_costs_the_same_for_few_and_many() -> None:
    """But for one row written for each mail."""

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tasks.lateness()
        return sum(not query["sql"].startswith(("INSERT", "SAVEPOINT", "RELEASE")) for query in queries)

    factories.moderator(), waiting(30 * HOUR), claimed(5 * HOUR)
    tasks.lateness()
    few = cost()
    for _ in range(4):
        wanting(factories.moderator(), List.QUEUE, "daily"), waiting(30 * HOUR), claimed(5 * HOUR)
    tasks.lateness()
    assert cost() == few
