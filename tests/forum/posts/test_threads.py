"""Reading discussions: what stands first, what is counted, and that a kept page is never an old one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Article
from forum.models import Post
from forum.posts import threads
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def settle(article: Article) -> None:
    """Let the last change be some time ago, so that pages are kept again."""
    posts = Post.objects.filter(article=article)
    for post in posts:
        Post.objects.filter(pk=post.pk).update(changed_at=post.changed_at - timedelta(minutes=1))


def test_physicians_stand_first_and_the_rest_is_counted() -> None:
    question = factories.published("Pump or tablets, please?")
    for number in range(5):
        factories.published(f"Reader's reply {number}.", question=question)
    doctor = factories.physician("Ada Answer")
    answer = factories.pending("A physician's reply.", question=question, user=doctor)
    (thread,) = threads.with_replies([question])
    assert thread.replies[0].pk == answer.pk
    assert (len(thread.replies), thread.reply_count, thread.more) == (3, 6, 3)


def test_a_question_withdrawn_takes_its_replies_out_of_sight() -> None:
    question = factories.published("Will this stay?")
    reply = factories.published("A reply.", question=question)
    factories.decide(question, Move.REMOVE)
    assert not Post.objects.public().filter(pk=reply.pk).exists()


def test_the_article_page_shows_each_change_at_once_however_well_it_is_kept() -> None:
    article = factories.article()
    visitor, url = Visitor(), article.get_absolute_url()
    question = factories.published("Is this shown at once?", article=article)
    settle(article)
    visitor.get(url)  # brings the cookie that the page depends on
    first = visitor.get(url)
    assert "Is this shown at once?" in first.content.decode()
    assert visitor.get(url, headers={"if-none-match": first["ETag"]}).status_code == 304
    factories.published("And is this reply?", question=question)
    second = visitor.get(url, headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200
    assert "And is this reply?" in second.content.decode()
    factories.decide(Post.objects.get(pk=question.pk), Move.REMOVE)
    third = visitor.get(url)
    assert "Is this shown at once?" not in third.content.decode()
    assert "And is this reply?" not in third.content.decode()


def test_nothing_is_kept_while_another_change_may_still_be_on_its_way() -> None:
    """A decision begun earlier may be written later, and would not make the newest change any newer."""
    article = factories.article()
    late = factories.pending("Begun first, written last?", article=article)
    factories.published("Written first?", article=article)
    visitor, url = Visitor(), article.get_absolute_url()
    response = visitor.get(url)
    assert not response.has_header("ETag")
    begun = timezone.now() - timedelta(seconds=2)
    factories.decide(late, Move.PUBLISH)
    Post.objects.filter(pk=late.pk).update(changed_at=begun)
    assert "Begun first, written last?" in visitor.get(url).content.decode()


def test_a_page_with_a_notice_or_of_another_person_is_never_answered_with_not_modified() -> None:
    article = factories.article()
    url = article.get_absolute_url()
    etag = Visitor().get(url)["ETag"]
    member = Visitor(factories.person())
    member.get(url)
    assert member.get(url, headers={"if-none-match": etag}).status_code == 200
    assert member.get(url, headers={"if-none-match": member.get(url)["ETag"]}).status_code == 304
    member.cookies["messages"] = "a notice waits"
    assert not member.get(url).has_header("ETag")
