"""A decision can be taken back for ten minutes, and then its mails have never left."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.conflicts import Conflict
from forum.models import Delivery, LogEntry, Post, Revision
from forum.notifications import outbox
from forum.notifications.delivery import claim
from forum.posts import submit, transitions
from forum.states import DECISIONS, Move, State
from tests import factories

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=9, seconds=50)
LATER = timedelta(minutes=10, seconds=1)


@pytest.fixture(autouse=True)
def ten_minutes(settings: Any) -> None:
    """The window as it is by default."""
    settings.UNDO_SECONDS = 600


def claimable(delivery: Delivery) -> bool:
    """True when the mail may leave, once what was owed to the same person before has left."""
    Delivery.objects.filter(recipient=delivery.recipient_id, pk__lt=delivery.pk).update(state=Delivery.State.SENT)
    return claim.claim(delivery.pk) is not None


def undo(post: Post) -> LogEntry:
    """Undo the last decision on the post as it stands."""
    fresh = Post.objects.get(pk=post.pk)
    return transitions.undo(fresh, actor=factories.moderator("Una"), version=fresh.version)


@pytest.mark.parametrize(
    "move", [Move.PUBLISH, Move.RETURN, Move.REJECT, Move.SPAM, Move.ASK_COLLEAGUE, Move.ASK_PHYSICIAN]
)
def test_an_undone_decision_leaves_the_post_as_it_was_and_mails_nobody(move: Move) -> None:
    factories.physician()
    post = factories.pending()
    factories.confirmed(post)
    since = post.waiting_since
    factories.decide(post, move, reason="Please say more.")
    entry = undo(post)
    fresh = Post.objects.get(pk=post.pk)
    assert (fresh.state, fresh.published_at, fresh.waiting_for, fresh.waiting_since) == ("pending", None, "", since)
    assert (entry.move, entry.after, entry.actor_name) == (Move.UNDO, State.PENDING, "Una")
    assert entry.undoes and entry.undoes.move == move
    about = Delivery.objects.filter(entry=entry.undoes)
    assert {delivery.state for delivery in about} <= {Delivery.State.CANCELLED}
    assert about.exists() == (move not in {Move.SPAM, Move.ASK_COLLEAGUE})


def test_taking_down_can_be_undone() -> None:
    post = factories.published()
    published_at = post.published_at
    factories.decide(post, Move.REMOVE)
    undo(post)
    fresh = Post.objects.get(pk=post.pk)
    assert (fresh.state, fresh.published_at) == (State.PUBLISHED, published_at)


@pytest.mark.parametrize("move", sorted(DECISIONS - {Move.MASK, Move.KEEP, Move.ASK_COLLEAGUE}))
def test_the_mail_of_a_decision_waits_until_it_is_settled(move: Move, settings: Any) -> None:
    factories.physician()
    post = factories.published() if move == Move.REMOVE else factories.pending()
    factories.confirmed(post)
    entry = factories.decide(post, move, reason="Please say more.")
    for delivery in Delivery.objects.filter(entry=entry):
        assert delivery.next_attempt_at > entry.created_at + timedelta(seconds=settings.UNDO_SECONDS)
        assert not claimable(delivery)


def test_a_confirmation_in_between_lets_nothing_leave_earlier() -> None:
    post = factories.pending()
    entry = factories.decide(post, Move.PUBLISH)
    [parked] = Delivery.objects.filter(entry=entry)
    assert parked.state == Delivery.State.PARKED
    factories.confirmed(post)
    parked.refresh_from_db()
    assert parked.state == Delivery.State.OWED and not claimable(parked)
    with time_machine.travel(timezone.now() + LATER + outbox.UNDO_MARGIN):
        assert claimable(parked)


def test_after_ten_minutes_it_is_too_late() -> None:
    post = factories.pending()
    factories.decide(post, Move.PUBLISH)
    with time_machine.travel(timezone.now() + LATER), pytest.raises(transitions.TooLate):
        undo(post)
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED
    with time_machine.travel(timezone.now() + SOON):
        undo(post)


def test_what_happened_since_is_not_undone() -> None:
    post = factories.pending()
    factories.decide(post, Move.RETURN)
    submit.edit(post, "What do you say now?", actor=None, version=2)
    with pytest.raises(Conflict):
        transitions.undo(post, actor=factories.moderator(), version=2)
    with pytest.raises(Conflict):
        undo(post)
    assert Post.objects.get(pk=post.pk).source == "What do you say now?"


def test_undo_is_undone_by_nobody_and_twice_is_once() -> None:
    post = factories.pending()
    factories.decide(post, Move.PUBLISH)
    stale = Post.objects.get(pk=post.pk)
    undo(post)
    with pytest.raises(Conflict):
        transitions.undo(stale, actor=factories.moderator(), version=stale.version)
    with pytest.raises(Conflict):
        undo(post)
    assert LogEntry.objects.filter(move=Move.UNDO).count() == 1


def test_followers_hear_once_of_what_was_published_undone_and_published_again() -> None:
    question = factories.published()
    follower = factories.confirmed(question)
    reply = factories.pending("Yes, it is.", question=question)
    factories.decide(reply, Move.PUBLISH)
    undo(reply)
    # It was to leave with another mail, which it has nothing to do with any more.
    other = Delivery.objects.exclude(kind=Delivery.Kind.REPLY).first()
    Delivery.objects.filter(recipient=follower, kind=Delivery.Kind.REPLY).update(gathered_into=other)
    fresh = Post.objects.get(pk=reply.pk)
    entry = factories.decide(fresh, Move.PUBLISH)
    [owed] = Delivery.objects.filter(recipient=follower, kind=Delivery.Kind.REPLY)
    assert (owed.state, owed.entry, owed.gathered_into) == (Delivery.State.OWED, entry, None)
    with time_machine.travel(timezone.now() + LATER + outbox.UNDO_MARGIN):
        assert claimable(owed)


def test_news_about_a_post_waits_while_its_removal_can_be_undone() -> None:
    question = factories.published()
    follower = factories.confirmed(question)
    reply = factories.pending("Yes, it is.", question=question)
    factories.decide(reply, Move.PUBLISH)
    entry = factories.decide(reply, Move.REMOVE)
    [owed] = Delivery.objects.filter(recipient=follower, kind=Delivery.Kind.REPLY)
    assert owed.state == Delivery.State.OWED and owed.next_attempt_at == outbox.settled_at(entry)
    undo(reply)
    owed.refresh_from_db()
    assert owed.state == Delivery.State.OWED


def test_parts_left_out_come_back_with_the_undo() -> None:
    post = factories.pending("My doctor is Dr Gwendolen Fairfax. Is a pump better?")
    masked = submit.fields_of("My doctor is [left out by a moderator]. Is a pump better?")
    factories.transition(post, Move.MASK, actor=factories.moderator(), version=1, changes=masked)
    public = Post.objects.get(pk=post.pk)
    assert public.state == State.PUBLISHED and "Fairfax" not in public.html and public.revision == 2
    original = Revision.objects.get(post=post, number=1).source
    transitions.undo(public, actor=factories.moderator(), version=2, restored=submit.fields_of(original))
    fresh = Post.objects.get(pk=post.pk)
    assert "Fairfax" in fresh.source and "Fairfax" in fresh.html and fresh.revision == 1
    # And its author can still change it.
    submit.edit(fresh, "Is a pump better?", actor=None, version=fresh.version)
    assert Post.objects.get(pk=post.pk).revision == 2


def test_nobody_decides_on_their_own_post() -> None:
    moderator = factories.moderator()
    post = factories.pending(user=moderator)
    with pytest.raises(transitions.OwnPost):
        factories.transition(post, Move.PUBLISH, actor=moderator, version=1)
    with pytest.raises(transitions.OwnPost):
        factories.transition(post, Move.MASK, actor=moderator, version=1, changes=submit.fields_of("Other words?"))
    assert Post.objects.get(pk=post.pk).state == State.PENDING


def test_what_was_hidden_and_comes_back_is_no_news() -> None:
    post = factories.published()
    factories.confirmed(post)
    published_at, told = post.published_at, Delivery.objects.filter(kind=Delivery.Kind.PUBLISHED).count()
    factories.transition(post, Move.HIDE, actor=None)
    assert post.state == State.PENDING and post.waiting_since > post.created_at
    factories.decide(post, Move.PUBLISH)
    assert Post.objects.get(pk=post.pk).published_at == published_at
    assert Delivery.objects.filter(kind=Delivery.Kind.PUBLISHED).count() == told


def test_with_no_window_mails_leave_at_once(settings: Any) -> None:
    settings.UNDO_SECONDS = 0
    post = factories.pending()
    factories.confirmed(post)
    entry = factories.decide(post, Move.PUBLISH)
    [owed] = Delivery.objects.filter(entry=entry)
    assert claimable(owed)
    with pytest.raises(transitions.TooLate):
        undo(post)
