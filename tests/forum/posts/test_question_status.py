"""Where questions stand with physicians: after every move, what is stored is what can be worked out from what is public."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.conflicts import Conflict
from accounts.models import Contact, User
from forum.models import DeskQuestion, Post
from forum.moderation import undoing
from forum.posts import question_status, submit
from forum.states import Move
from tests import factories

pytestmark = pytest.mark.django_db
GUEST = "asker@guests.test"


def row(question: Post) -> DeskQuestion:
    """Return the question's row, after comparing it with what can be worked out anew."""
    found = DeskQuestion.objects.get(question=question)
    fresh = Post.objects.get(pk=question.pk)
    if fresh.is_public:
        assert question_status.status_of(fresh) == question_status.Status(
            found.State(found.state), found.waiting_since, found.is_urgent
        )
    return found


def reply(question: Post, by: User | None = None, text: str = "", **fields: Any) -> Post:
    """Return a public reply: a physician's at once, anybody else's by a moderator."""
    user = {"user": by} if by is not None else {}
    found = submit.submit(factories.draft(text or f"A reply at {timezone.now()}.", question=question, **user, **fields))
    if found.state == "pending":
        factories.decide(found, Move.PUBLISH)
    return found


def test_a_question_comes_to_the_desk_when_it_is_public_and_not_before() -> None:
    question = factories.pending()
    assert not DeskQuestion.objects.exists()
    factories.decide(question, Move.PUBLISH)
    found = row(question)
    assert (found.state, found.is_urgent, found.waiting_since) == ("waiting", False, question.published_at)


def test_what_was_urgent_when_it_was_held_is_urgent_here() -> None:
    question = factories.published("My pump alarm beeps and I feel hot and itchy.")
    assert row(question).is_urgent


def test_answered_asked_again_and_answered_again() -> None:
    asker, physician = factories.person(), factories.physician()
    question = factories.published(user=asker)
    answer = reply(question, physician)
    assert row(question).state == "answered" and row(question).waiting_since == answer.published_at
    reply(question, factories.person())
    assert row(question).state == "answered"
    first = reply(question, asker)
    reply(question, asker)
    assert row(question).state == "follow-up" and row(question).waiting_since == first.published_at
    reply(question, physician, "And once more.")
    assert row(question).state == "answered"


def test_an_urgent_word_of_the_asker_makes_the_follow_up_urgent() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    reply(question, factories.physician())
    reply(question, asker, "My pump alarm beeps and I feel hot and itchy.")
    assert (row(question).state, row(question).is_urgent) == ("follow-up", True)


def test_a_guest_is_the_asker_by_a_confirmed_address_alone() -> None:
    question = factories.published(address=GUEST)
    reply(question, factories.physician())
    again = reply(question, address=GUEST, name="Somebody")
    assert row(question).state == "answered"
    factories.confirmed(question)
    for contact in Contact.objects.filter(posts=question):
        question_status.update_for(contact)
    assert row(question).state == "answered", "one of the two addresses is not confirmed"
    question_status.update_for(factories.confirmed(again))
    assert row(question).state == "follow-up"
    other = factories.published(address="other@guests.test")
    factories.confirmed(other)
    reply(other, factories.physician("Other"), "Something else altogether.")
    factories.confirmed(reply(other, address=GUEST))
    assert row(other).state == "answered"


def test_an_answer_that_is_removed_or_taken_back_leaves_the_question_waiting() -> None:
    physician = factories.physician()
    question = factories.published()
    answer = reply(question, physician)
    factories.decide(answer, Move.REMOVE)
    assert row(question).state == "waiting" and row(question).waiting_since == question.published_at
    second = reply(question, physician, "A better one.")
    assert row(question).state == "answered"
    submit.withdraw(second, actor=physician, version=second.version)
    assert row(question).state == "waiting"


def test_undoing_counts_too(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    moderator = factories.moderator()
    question = factories.published()
    answer = reply(question, factories.physician())
    factories.decide(answer, Move.REMOVE, by=moderator)
    assert row(question).state == "waiting"
    undoing.undo(answer, actor=moderator, version=answer.version)
    assert row(question).state == "answered"


def test_nobody_answers_a_question_of_their_own() -> None:
    physician = factories.physician()
    question = factories.published(user=physician)
    reply(question, physician)
    assert row(question).state == "waiting"


def test_once_the_asker_is_content_it_is_done_until_they_ask_again() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    reply(question, factories.physician())
    Post.objects.filter(pk=question.pk).update(answered_at=timezone.now())
    question_status.update(question)
    assert row(question).state == "done"
    reply(question, factories.physician("Second"), "One more answer.")
    assert row(question).state == "done"
    reply(question, asker)
    assert row(question).state == "follow-up"


def test_content_with_readers_replies_and_asking_again_waits() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    Post.objects.filter(pk=question.pk).update(answered_at=timezone.now())
    question_status.update(question)
    assert row(question).state == "done"
    again = reply(question, asker)
    assert (row(question).state, row(question).waiting_since) == ("waiting", again.published_at)


def test_answering_ends_the_claim_and_what_moderators_asked_for_stays() -> None:
    physician = factories.physician()
    question = factories.published()
    until = timezone.now() + timedelta(hours=1)
    DeskQuestion.objects.update(claimed_by=physician, claimed_until=until, is_asked_for=True, routed_to=physician)
    reply(question, factories.person())
    assert row(question).is_claimed
    reply(question, factories.physician("Other"))
    assert not row(question).is_claimed and row(question).claimed_by is None
    assert row(question).is_asked_for and row(question).routed_to == physician


def test_published_again_after_a_removal_nothing_is_forgotten() -> None:
    question = factories.published()
    reply(question, factories.physician())
    DeskQuestion.objects.update(is_asked_for=True)
    factories.decide(question, Move.REMOVE)
    assert DeskQuestion.objects.get().state == "answered"
    moderator = factories.moderator()
    other = factories.published("Another one?")
    with pytest.raises(Conflict):
        factories.transition(other, Move.RETURN, actor=moderator, reason="No.")
    assert row(other).state == "waiting"


def test_every_stored_row_is_what_can_be_worked_out() -> None:
    """Many moves in a row, each compared; what a command that repairs would compare, too."""
    asker, physician = factories.person(), factories.physician()
    for number in range(4):
        question = (
            factories.published(f"Question number {number}?", user=asker if number % 2 else None)
            if number % 2
            else factories.published()
        )
        answer = reply(question, physician, f"Answer number {number}.")
        if number > 1:
            factories.decide(answer, Move.REMOVE)
        reply(question, asker)
    for post in Post.objects.questions().public():
        row(post)
