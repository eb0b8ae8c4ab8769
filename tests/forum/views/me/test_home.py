"""/me/: what waits for whom, and what became of what one wrote."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Credential
from forum.posts import submit
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def waits(visitor: Visitor) -> str:
    """Return what the page says that waits; empty when it says nothing."""
    answer = visitor.get("/me/")
    assert answer.status_code == 200, "nothing waits on a page that is not there"
    page = answer.text
    return page.split('id="waits"')[1].split("</section>")[0] if 'id="waits"' in page else ""


def test_nothing_waits_for_a_new_member() -> None:
    visitor = Visitor(factories.person())
    assert not waits(visitor)
    assert "You have not written anything yet" in visitor.get("/me/").text


def test_what_came_back_leads_to_its_page() -> None:
    member = factories.person()
    post = factories.pending("Shall I rest?", user=member)
    factories.decide(post, Move.RETURN)
    found = waits(Visitor(member))
    assert "Your question came back to you" in found and post.get_status_url() in found
    second = factories.pending("Shall I walk?", user=member)
    factories.decide(second, Move.RETURN)
    assert "Several of your posts" in waits(Visitor(member))


def test_moderators_see_how_many_wait_and_members_do_not() -> None:
    factories.pending()
    factories.pending()
    assert "2 posts waiting for a moderator" in waits(Visitor(factories.moderator()))
    assert not waits(Visitor(factories.person()))


def test_a_physician_sees_what_moderators_ask_and_when_the_credential_ends() -> None:
    post = factories.pending("May I stop the tablets?")
    factories.transition(post, Move.ASK_PHYSICIAN, actor=factories.moderator(), reason="Is it safe?")
    physician = factories.physician(days=20)
    found = waits(Visitor(physician))
    assert "think of one post" in found
    until = timezone.localdate() + timedelta(days=20)
    assert f"until {until.day} {until:%B %Y}. Renew it in time" in found
    Credential.objects.filter(user=physician).update(valid_until=timezone.localdate() - timedelta(days=1))
    assert "think of one post" not in waits(Visitor(physician))


def test_a_physician_sees_how_many_questions_wait_while_the_credential_is_in_force() -> None:
    physician = factories.physician()
    visitor = Visitor(physician)
    assert "answer" not in waits(visitor)
    factories.published("Shall I rest?")
    assert "One question waits for a physician’s answer" in waits(visitor)
    factories.published("Shall I walk?")
    factories.published("Shall I ask myself?", user=physician)
    found = waits(visitor)
    assert "2 questions wait for a physician’s answer" in found and 'href="/desk/"' in found
    assert 'href="/desk/"' not in Visitor(factories.person()).get("/me/").text
    Credential.objects.filter(user=physician).update(valid_until=timezone.localdate() - timedelta(days=1))
    # Not in the header either: the desk would say that there is no such page.
    assert not waits(visitor).count("a physician’s answer") and 'href="/desk/"' not in visitor.get("/me/").text


def test_questions_asked_again_have_a_line_of_their_own_that_leads_to_them() -> None:
    physician = factories.physician()
    asker = factories.person()
    question = factories.published("Shall I rest?", user=asker)
    submit.submit(factories.draft("Yes, do.", user=physician, question=question))
    factories.published("And after that?", user=asker, question=question)
    found = waits(Visitor(physician))
    assert "One question was asked again after an answer" in found and "/desk/?show=follow-up" in found
    assert "a physician’s answer" not in found


def test_checkers_see_who_asks_but_not_themselves() -> None:
    checker = factories.checker()
    factories.asked(checker)
    assert "to be recognised" not in waits(Visitor(checker))
    factories.asked()
    assert "One person asks to be recognised" in waits(Visitor(checker))


def test_an_erasure_that_is_to_come_is_said_first() -> None:
    member = factories.person()
    requests.request_erasure(Subject.member(member), keep_posts=True)
    assert "You will be erased on" in waits(Visitor(member))


@pytest.mark.parametrize("make", [factories.person, factories.moderator, factories.physician, factories.checker])
def test_a_full_page_costs_what_a_short_one_costs(make: Any) -> None:
    user = make()
    visitor = Visitor(user)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/me/").status_code == 200
        return len(queries)

    _write(user, 2)
    cost()  # what is kept from now on
    few = cost()
    _write(user, 8)
    assert cost() == few


def _write(user: Any, times: int) -> None:
    """Let the person ask, be answered a note, and wait."""
    for number in range(times):
        factories.published(f"Is {number} there?", user=user)
        factories.decide(factories.pending(f"Is {number} right?", user=user), Move.RETURN)
        factories.pending(f"Will {number} stay?")
