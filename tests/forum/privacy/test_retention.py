"""What is forgotten, and when (DESIGN 4, promise 7); and what came back and was left alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Contact, User
from config.celery import app
from forum import tasks
from forum.models import Delivery, Hold, LogEntry, Note, Post, Report, Revision, Subscription
from forum.moderation import expiry
from forum.notifications import outbox
from forum.posts import submit, transitions
from forum.privacy import retention
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def later(days: float) -> Any:
    """Go on that many days."""
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=True)


def address_of(post: Post) -> str:
    """Return what is still known of a guest's address."""
    return Contact.objects.get(posts=post).address


def test_an_address_never_confirmed_is_forgotten_after_a_fortnight_and_its_mail_dropped() -> None:
    post = factories.published()
    with later(13):
        tasks.housekeeping()
        assert address_of(post)
    with later(15):
        tasks.housekeeping()
    assert not address_of(post)
    assert not Contact.objects.get(posts=post).address_key
    assert not Delivery.objects.filter(recipient=post.contact, state=Delivery.State.PARKED).exists()
    assert Post.objects.get(pk=post.pk).is_public, "the post stays"


def test_a_confirmed_address_is_kept_as_long_as_it_serves() -> None:
    waiting, followed = factories.pending(), factories.published()
    for post in (waiting, followed):
        factories.confirmed(post)
    Delivery.objects.update(state=Delivery.State.SENT)
    with later(60):
        tasks.housekeeping()
    assert address_of(waiting)
    assert address_of(followed)
    with later(366):
        tasks.housekeeping()
    assert address_of(waiting), "its author has not heard the outcome yet"
    assert not address_of(followed), "a year of replies is enough"


def test_a_reply_s_address_is_forgotten_once_its_author_knows_the_outcome() -> None:
    question = factories.published()
    reply = factories.pending(question=question)
    factories.confirmed(reply)
    factories.decide(reply, Move.PUBLISH)
    tasks.housekeeping()
    assert address_of(reply), "the mail has not left yet"
    Delivery.objects.filter(recipient=reply.contact).update(state=Delivery.State.SENT)
    tasks.housekeeping()
    assert not address_of(reply)


def test_a_question_gone_for_good_is_no_longer_followed() -> None:
    post = factories.pending()
    factories.confirmed(post)
    factories.decide(post, Move.REJECT)
    tasks.housekeeping()
    assert Subscription.objects.get(post=post).is_active, "the mail that says why must still leave"
    Delivery.objects.update(state=Delivery.State.SENT)
    with later(4):
        tasks.housekeeping()
    assert not address_of(post)


def test_unfinished_sign_ups_and_old_sessions_go_and_members_stay() -> None:
    member = factories.person()
    unfinished = User.objects.create_user("Never Confirmed")
    EmailAddress.objects.create(user=unfinished, email="never@members.test", verified=False, primary=True)
    Session.objects.create(session_key="old", session_data="x", expire_date=timezone.now() + timedelta(days=1))
    tasks.housekeeping()
    assert User.objects.filter(pk=unfinished.pk).exists()
    with later(15):
        tasks.housekeeping()
    assert list(User.objects.all()) == [member]
    assert not EmailAddress.objects.filter(email="never@members.test").exists()
    assert not Session.objects.exists()


# The texts of what was not published


def rejected(move: Move = Move.REJECT) -> Post:
    """Return a post that was rejected, or marked as spam, with all that hangs on its text."""
    post = factories.pending(
        "Buy the miracle herb at https://herbs.example/ today, today, today, every day of the week."
    )
    Note.objects.create(post=post, author=factories.moderator(), text="The miracle herb again.")
    Report.objects.create(post=post, reporter_key="x", reason="selling", note="It sells a miracle herb.")
    factories.decide(post, move)
    return post


def everything_about(post: Post) -> str:
    """Return all that is stored of the post, its revisions, holds, notes and reports."""
    rows = [Post.objects.filter(pk=post.pk), Revision.objects.filter(post=post), Hold.objects.filter(post=post)]
    rows += [Note.objects.filter(post=post), Report.objects.filter(post=post)]
    return repr([list(found.values()) for found in rows])


@pytest.mark.parametrize("move", [Move.REJECT, Move.SPAM])
def test_the_text_of_what_was_not_published_is_deleted_after_its_time_and_the_log_stays(
    move: Move, settings: Any
) -> None:
    settings.REJECTED_TEXT_DAYS = 90
    post = rejected(move)
    lines = list(LogEntry.objects.values())
    with later(89):
        tasks.housekeeping()
    assert "miracle" in everything_about(post)
    with later(91):
        tasks.housekeeping()
    assert "miracle" not in everything_about(post)
    fresh = Post.objects.get(pk=post.pk)
    assert (fresh.state, fresh.version) == (post.state, post.version)
    assert (fresh.title, fresh.digest, fresh.fingerprint) == ("(deleted text)", "", None)
    assert fresh.purged_at is not None
    assert list(LogEntry.objects.values()) == lines
    assert set(Hold.objects.filter(post=post).values_list("sentence", "start", "end")) == {("", None, None)}
    assert Hold.objects.filter(post=post, rule="every-post").exists(), "which rule held it still counts"


def test_what_its_author_withdrew_is_deleted_after_the_same_time() -> None:
    post = factories.pending("I told too much of myself here, did I not?")
    submit.withdraw(post, actor=None, version=post.version)
    with later(89):
        tasks.housekeeping()
    assert "too much" in everything_about(post)
    with later(91):
        tasks.housekeeping()
    assert "too much" not in everything_about(post)


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.RETURN, None])
def test_no_other_text_is_deleted(move: Move | None) -> None:
    post = factories.pending("A good question about the miracle herb?")
    if move:
        factories.decide(post, move)
    with later(3650):
        retention.purge_texts()
    assert Post.objects.get(pk=post.pk).source == post.source


def test_many_texts_are_deleted_in_batches_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PURGE_BATCH_SIZE", 2)
    for _ in range(5):
        rejected()
    with later(91):
        assert retention.purge_texts() == 5
        assert retention.purge_texts() == 0


def test_what_was_deleted_can_not_be_published_any_more() -> None:
    """Nobody should read “(deleted text)” under somebody's name."""
    post, moderator = rejected(), factories.moderator()
    with later(91):
        retention.purge_texts()
        page = Visitor(moderator).get(f"/moderation/{post.public_id}/")
        assert page.status_code == 200 and 'value="publish"' not in page.text
        with pytest.raises(transitions.Conflict):
            transitions.move(post, Move.PUBLISH, actor=moderator, version=post.version)
    assert Post.objects.get(pk=post.pk).state == post.state


def test_its_author_reads_that_the_text_was_deleted() -> None:
    post = rejected()
    with later(91):
        retention.purge_texts()
    page = Visitor().get(post.get_status_url()).text
    assert "Your text was deleted on" in page
    assert "What you wrote" not in page


# What came back and was left alone


def returned(**fields: Any) -> Post:
    """Return a member's question that came back."""
    post = factories.pending(**{"user": factories.person(), **fields})
    factories.decide(post, Move.RETURN)
    return post


def owed(kind: Delivery.Kind) -> list[str]:
    """Return the events of the mails of that kind that are still to be sent."""
    open_states = [Delivery.State.OWED, Delivery.State.PARKED]
    return list(Delivery.objects.filter(kind=kind, state__in=open_states).values_list("event", flat=True))


@pytest.fixture
def thirty_days(settings: Any) -> None:
    """What came back is closed after thirty days."""
    settings.RETURNED_DAYS = 30


@pytest.mark.usefixtures("thirty_days")
def test_the_author_is_reminded_once_half_way_and_told_at_the_end() -> None:
    post = returned()
    with later(14):
        tasks.upkeep()
    assert not owed(Delivery.Kind.REMINDER)
    with later(15.1):
        tasks.upkeep()
        tasks.upkeep()
    assert owed(Delivery.Kind.REMINDER) == [f"reminder:{post.pk}:{post.version}"]
    reminder = Delivery.objects.get(kind=Delivery.Kind.REMINDER)
    assert reminder.entry is not None and reminder.entry.reason == "Please leave out the link."
    with later(29.9):
        tasks.upkeep()
    assert Post.objects.get(pk=post.pk).state == State.RETURNED
    with later(30.2):
        tasks.upkeep()
        tasks.upkeep()
    post.refresh_from_db()
    assert post.state == State.WITHDRAWN
    entry = LogEntry.objects.filter(post=post).latest("id")
    assert (entry.move, entry.actor) == (Move.EXPIRE, None)
    assert len(owed(Delivery.Kind.EXPIRED)) == 1
    assert not owed(Delivery.Kind.REMINDER), "a reminder that has not left yet is no longer true"
    assert "is closed now" in Visitor().get(post.get_status_url()).text


@pytest.mark.usefixtures("thirty_days")
def test_nothing_is_closed_without_a_reminder_even_if_nobody_looked_for_a_year() -> None:
    post = returned()
    with later(365):
        tasks.upkeep()
        assert owed(Delivery.Kind.REMINDER)
    with later(365 + 14):
        tasks.upkeep()
        assert Post.objects.get(pk=post.pk).state == State.RETURNED
    with later(365 + 16):
        tasks.upkeep()
    assert Post.objects.get(pk=post.pk).state == State.WITHDRAWN


@pytest.mark.usefixtures("thirty_days")
def test_whoever_stopped_mail_about_the_post_is_not_reminded_and_it_is_closed_in_time() -> None:
    post = returned()
    outbox.end(Subscription.objects.get(post=post))
    with later(31):
        tasks.upkeep()
    assert not Delivery.objects.filter(kind=Delivery.Kind.REMINDER).exists()
    assert Post.objects.get(pk=post.pk).state == State.WITHDRAWN


@pytest.mark.usefixtures("thirty_days")
def test_a_change_ends_the_wait_and_a_second_return_begins_a_new_one() -> None:
    post = returned()
    with later(16):
        tasks.upkeep()
        submit.edit(post, "Is this better now, without the link?", actor=post.author, version=post.version)
    with later(40):
        tasks.upkeep()
        assert Post.objects.get(pk=post.pk).state == State.PENDING
        factories.decide(post, Move.RETURN)
    with later(40 + 16):
        tasks.upkeep()
        assert len(set(Delivery.objects.filter(kind=Delivery.Kind.REMINDER).values_list("event"))) == 2
    assert Post.objects.get(pk=post.pk).state == State.RETURNED


@pytest.mark.usefixtures("thirty_days")
def test_an_author_who_changes_it_at_the_last_moment_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    post = returned()
    with later(16):
        expiry.remind()
    move = transitions.move

    def author_first(found: Post, *arguments: Any, **keywords: Any) -> LogEntry:
        submit.edit(Post.objects.get(pk=post.pk), "Here it is, changed?", actor=post.author, version=post.version)
        return move(found, *arguments, **keywords)

    monkeypatch.setattr(transitions, "move", author_first)
    with later(31):
        assert expiry.expire() == 0
    assert Post.objects.get(pk=post.pk).state == State.PENDING


def test_what_waits_of_a_guest_who_never_confirmed_is_closed_after_a_fortnight() -> None:
    post, confirmed, member = factories.pending(), factories.pending(), factories.pending(user=factories.person())
    hidden = factories.published("Was this public before?")
    transitions.move(hidden, Move.HIDE, actor=None, version=hidden.version)
    factories.confirmed(confirmed)
    with later(13):
        tasks.upkeep()
    assert Post.objects.get(pk=post.pk).state == State.PENDING
    with later(15):
        tasks.upkeep()
        tasks.housekeeping()
    assert Post.objects.get(pk=post.pk).state == State.WITHDRAWN
    assert not Delivery.objects.filter(kind=Delivery.Kind.EXPIRED).exists(), "there is nobody to tell"
    for other in (confirmed, member, hidden):
        assert Post.objects.get(pk=other.pk).state == State.PENDING
    page = Visitor().get(post.get_status_url()).text
    assert "is closed now" in page and "nobody pressed the button" in page


def test_beat_asks_for_both_rounds_every_hour_and_the_worker_knows_them(settings: Any) -> None:
    app.loader.import_default_modules()
    for name in ("forum.housekeeping", "forum.upkeep"):
        assert name in app.tasks
        (entry,) = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == name]
        assert entry["schedule"] == 3600
