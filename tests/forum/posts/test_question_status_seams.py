"""The desk follows what happens to posts elsewhere: aged, hidden, edited, claimed by a member, erased."""

from typing import Any

import pytest

from forum.models import Delivery, Post
from forum.physicians.related import related_answers
from forum.posts import corrections, guest_posts, submit
from forum.privacy import erase_posts
from forum.states import Move
from tests import factories
from tests.forum.posts.test_question_status import reply, row
from tests.forum.views.desk.desk import answer
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
GUEST = "asker@guests.test"


def fresh(post: Post) -> Post:
    """Return the post as it stands now."""
    return Post.objects.get(pk=post.pk)


def test_the_asker_says_answered_and_opens_it_again() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    corrections.answered(question, is_answered=True, actor=asker)
    assert row(question).state == "done"
    corrections.answered(fresh(question), is_answered=False, actor=asker)
    assert row(question).state == "waiting"
    answer(question, factories.physician())
    corrections.answered(fresh(question), is_answered=True, actor=asker)
    assert row(question).state == "done"
    corrections.answered(fresh(question), is_answered=False, actor=asker)
    assert row(question).state == "answered"


def test_a_corrected_or_superseded_answer_still_answers() -> None:
    olga, question = factories.physician("Olga"), factories.published("Is a pump better?")
    old = answer(question, olga, "Ask your own team for a trial dose first.")
    submit.save(submit.weigh(old, "Ask your own team for a test dose first."), actor=olga, version=old.version)
    assert row(question).state == "answered"
    newer = answer(factories.published("And tablets?"), factories.physician("Other"))
    corrections.supersede(fresh(old), newer, actor=olga, version=fresh(old).version)
    assert row(question).state == "answered"


def test_an_answer_that_reports_have_hidden_answers_nothing_until_it_is_back() -> None:
    question = factories.published()
    found = answer(question, factories.physician())
    factories.transition(found, Move.HIDE, actor=None)
    assert row(question).state == "waiting"
    factories.decide(found, Move.PUBLISH)
    assert row(question).state == "answered"


def test_an_answer_edited_so_that_it_is_held_answers_nothing() -> None:
    olga, question = factories.physician(), factories.published()
    found = answer(question, olga)
    submit.save(submit.weigh(found, "Ring me on +44 20 7946 0958."), actor=olga, version=found.version)
    assert fresh(found).state == "pending" and row(question).state == "waiting"


@pytest.mark.parametrize(("keep", "state"), [(True, "answered"), (False, "waiting")])
def test_an_erased_physicians_answer_counts_while_it_can_be_read(keep: bool, state: str) -> None:
    olga, question = factories.physician(), factories.published(user=factories.person())
    answer(question, olga)
    erase_posts.leave(Post.objects.filter(author=olga), {}, keep=keep)
    assert row(question).state == state


def test_after_a_guest_has_become_a_member_their_next_word_asks_again() -> None:
    question = factories.published(address=GUEST)
    factories.confirmed(question)
    again = reply(question, address=GUEST, name="Somebody")
    factories.confirmed(again)
    answer(question, factories.physician())
    member = factories.person(address=GUEST)
    assert guest_posts.claim(member, [question.public_id, again.public_id]) == 2
    assert row(question).state == "answered"
    reply(fresh(question), member)
    assert row(question).state == "follow-up"


def test_a_members_reply_asks_again_once_the_question_is_claimed() -> None:
    question = factories.published(address=GUEST)
    factories.confirmed(question)
    answer(question, factories.physician())
    member = factories.person(address=GUEST)
    reply(question, member)
    assert row(question).state == "answered"
    guest_posts.claim(member, [question.public_id])
    assert row(question).state == "follow-up"


def test_routed_while_it_is_hidden_the_physician_hears_when_it_is_back_and_once() -> None:
    olga, question = factories.physician("Olga"), factories.published()
    factories.transition(question, Move.HIDE, actor=None)
    Visitor(factories.moderator()).post(f"/moderation/{question.public_id}/route/", {"physician": olga.pk})
    assert not Delivery.objects.filter(kind="routed").exists()
    for _ in range(2):
        factories.decide(fresh(question), Move.PUBLISH)
        assert Delivery.objects.filter(kind="routed", recipient__user=olga).count() == 1
        factories.transition(fresh(question), Move.HIDE, actor=None)


def test_superseded_answers_are_not_offered_and_said_to_be_so() -> None:
    asked, olga = factories.published("Does the pump help against spasms?"), factories.physician("Olga")
    old = answer(factories.published("Is a pump good for spasms?"), olga, "A pump, perhaps.")
    newer = answer(factories.published("Pump and spasms?"), olga, "A pump, surely.")
    corrections.supersede(old, newer, actor=olga, version=old.version)
    assert related_answers(asked) == [newer]
    credential: Any = old.credential
    assert Visitor().get(f"/physicians/{credential.public_id}/").text.count("A newer answer has taken its place") == 1
    factories.decide(fresh(newer), Move.REMOVE)
    assert related_answers(asked) == [fresh(old)], "the newer one is gone"


def test_a_follow_up_waits_for_nobody_once_its_asker_is_erased() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    answer(question, factories.physician())
    reply(question, asker)
    assert row(question).state == "follow-up"
    erase_posts.leave(Post.objects.filter(author=asker), {}, keep=True)
    assert row(question).state == "answered"


def test_an_unanswered_question_still_waits_once_its_asker_is_erased() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    erase_posts.leave(Post.objects.filter(author=asker), {}, keep=True)
    assert row(question).state == "waiting"
