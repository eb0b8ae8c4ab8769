"""The public history: what everybody could read of an answer, and nothing that they could not."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forum.models import Post, Revision
from forum.moderation import undoing
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.posts.answers import CORRECTED, TEXT, answer, correct, fresh
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
SECRET = "zebra-crossing"


@pytest.fixture(autouse=True)
def time_to_undo(settings: Any) -> None:
    settings.UNDO_SECONDS = 600


def history(post: Post) -> str:
    response = Visitor().get(f"/posts/{post.public_id}/history/")
    assert response.status_code == 200
    return str(response.text)


def mask(post: Post, text: str) -> None:
    """Let a moderator publish the waiting post with this text in place of its own."""
    now = fresh(post)
    factories.transition(now, Move.MASK, actor=factories.moderator(), changes=submit.fields_of(text))


def test_each_correction_is_there_with_its_date_and_what_it_changed_newest_first() -> None:
    post = correct(correct(answer()), f"{CORRECTED} At noon.")
    page = history(post)
    assert page.count("Corrected on") == 2 and page.count("Written on") == 1
    assert "<del> trial</del>" in page and "<ins> test</ins>" in page
    assert page.index("At noon.") < page.index("<del> trial</del>") < page.index(TEXT)


def test_the_answer_links_to_it_and_addresses_in_it_are_masked() -> None:
    post = answer()
    Revision.objects.filter(post=post).update(source="Write to canary@guests.test then.")
    corrected = correct(post)
    assert f"/posts/{post.public_id}/history/" in Visitor().get(corrected.get_absolute_url()).text
    assert "canary@guests.test" not in history(corrected)


def test_what_looks_like_a_program_in_it_is_only_text() -> None:
    post = correct(answer(text=f"<script>alert(1)</script> {TEXT}"), f"<img src=x onerror=alert(2)> {TEXT}")
    page = history(post)
    assert "&lt;script&gt;alert(1)" in page and "onerror=alert(2)&gt;" in page
    assert "<script" not in page and "<img src=x" not in page


def test_a_text_that_waited_is_never_in_it() -> None:
    post = correct(answer(), f"{SECRET}: ring +44 20 7946 0958.")
    assert post.state == "pending" and Visitor().get(f"/posts/{post.public_id}/history/").status_code == 404
    correct(post)
    factories.decide(fresh(post), Move.PUBLISH)
    page = history(post)
    assert SECRET not in page and "<ins> test</ins>" in page and page.count("Corrected on") == 1


def test_what_a_moderator_left_out_is_not_in_it_though_it_was_public_before() -> None:
    post = answer(text=f"{TEXT} {SECRET}.")
    factories.transition(post, Move.HIDE, actor=None)
    mask(post, TEXT)
    assert SECRET not in history(post)
    assert SECRET not in history(correct(post))


def test_what_its_author_took_out_after_reports_is_not_in_it() -> None:
    post = answer(text=f"{TEXT} {SECRET}.")
    factories.transition(post, Move.HIDE, actor=None)
    factories.decide(correct(post), Move.PUBLISH)
    assert SECRET not in history(post)
    assert SECRET not in history(correct(post, f"{CORRECTED} Now."))


def test_reports_that_a_moderator_found_wrong_take_nothing_out_of_it() -> None:
    post = correct(answer(text=f"{TEXT} Once."))
    factories.transition(post, Move.HIDE, actor=None)
    factories.decide(fresh(post), Move.PUBLISH)
    assert "Once." in history(post)


def test_a_masked_publication_that_was_undone_leaves_no_trace_in_it() -> None:
    post = correct(answer())
    factories.transition(post, Move.HIDE, actor=None)
    mask(post, "All of it left out.")
    now = fresh(post)
    undoing.undo(now, actor=factories.moderator(), version=now.version)
    factories.decide(fresh(post), Move.PUBLISH)
    page = history(post)
    assert "left out" not in page and "<del> trial</del>" in page


def test_a_publication_that_was_undone_was_never_public() -> None:
    post = factories.published("Is a pump better than tablets?")
    undoing.undo(post, actor=factories.moderator(), version=post.version)
    assert not Revision.objects.filter(post=post).exclude(published_at=None).exists()


def test_readers_posts_have_none_and_what_they_took_out_is_gone() -> None:
    question = factories.published(f"Is it {SECRET} in my name?")
    correct(question, "Is it in my name?")
    factories.decide(fresh(question), Move.PUBLISH)
    assert Visitor().get(f"/posts/{question.public_id}/history/").status_code == 404
    page = Visitor().get(fresh(question).get_absolute_url()).text
    assert "Changed on" in page and SECRET not in page


def test_it_costs_the_same_for_one_correction_and_for_ten() -> None:
    post = correct(answer())
    with CaptureQueriesContext(connection) as few:
        history(post)
    for number in range(10):
        post = correct(post, f"{CORRECTED} {number} times.")
    with CaptureQueriesContext(connection) as many:
        history(post)
    assert len(few) == len(many)
