"""The asker says that the question is answered, or open again."""

import pytest

from forum.models import LogEntry, Post
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
CONFIRMATIONS = "The asker says: this is answered."


@pytest.mark.parametrize("way", ["guest", "member"])
def test_the_asker_marks_the_question_and_opens_it_again(way: str) -> None:
    member = factories.person("Mel") if way == "member" else None
    question = factories.published(user=member) if member else factories.published()
    pages = {"guest": f"/p/{question.status_token}/", "member": question.get_absolute_url()}
    urls = {"guest": f"/p/{question.status_token}/answered/", "member": f"/questions/{question.public_id}/answered/"}
    visitor = Visitor(member)
    assert "My question is answered" in visitor.get(pages[way]).text
    for _ in range(2):
        assert visitor.post(urls[way])["Location"] == question.get_absolute_url()
    assert (
        CONFIRMATIONS in Visitor().get(question.get_absolute_url()).text
        and CONFIRMATIONS in Visitor().get("/questions/").text
    )
    entry = LogEntry.objects.get(post=question, move=Move.ANSWERED)
    assert entry.actor == member and entry.actor_name == question.name
    for _ in range(2):
        assert visitor.post(urls[way], {"open": "yes"}).status_code == 302
    assert CONFIRMATIONS not in Visitor().get(question.get_absolute_url()).text
    assert LogEntry.objects.filter(post=question, move=Move.ANSWERED).count() == 2


def test_a_question_that_is_not_public_any_more_gets_a_clear_page() -> None:
    question = factories.published()
    factories.transition(question, Move.HIDE, actor=None)
    response = Visitor().post(f"/p/{question.status_token}/answered/")
    assert response.status_code == 409 and "waiting for a moderator" in response.text
    assert Post.objects.get(pk=question.pk).answered_at is None


def test_a_reply_is_no_question_and_a_foreign_token_is_none() -> None:
    reply = factories.published(question=factories.published())
    for token in (reply.status_token, "nobody-has-this-one"):
        assert Visitor().post(f"/p/{token}/answered/").status_code == 404


def test_following_the_link_changes_nothing() -> None:
    question = factories.published()
    assert Visitor().get(f"/p/{question.status_token}/answered/").status_code == 405
    assert Post.objects.get(pk=question.pk).answered_at is None
