"""“This helped”: one for each reader, taken back as easily, forgotten after some weeks."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forum import tasks
from forum.models import Helped, Post, Sanction
from forum.moderation import sanctions
from forum.states import Move
from tests import factories
from tests.forum.posts.answers import answer
from tests.forum.posts.test_corrections_review import settle
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def guest(number: int) -> Visitor:
    """Return a guest on a network of their own."""
    return Visitor(REMOTE_ADDR=f"203.0.{number}.7")


def said(post: Post) -> int:
    """Return the count, which agrees with the rows."""
    count = Post.objects.get(pk=post.pk).helped_count
    assert count == Helped.objects.filter(post=post).count()
    return count


def test_each_reader_counts_once_and_can_take_it_back() -> None:
    post = answer()
    url = f"/posts/{post.public_id}/helped/"
    member = Visitor(factories.person())
    for visitor in (guest(1), guest(1), guest(2), member, member):
        response = visitor.post(url)
        assert response["Location"] == post.get_absolute_url()
    assert said(post) == 3
    page = member.get(post.get_absolute_url()).text
    assert "3 readers found this helpful" in page and "Take it back" in page
    assert "Take it back" not in guest(9).get(post.get_absolute_url()).text
    for visitor in (guest(2), guest(2), member):
        visitor.post(url, {"take_back": "yes"})
    assert said(post) == 1
    assert "1 reader found this helpful" in guest(9).get(post.get_absolute_url()).text


def test_it_comes_back_to_the_page_where_it_was_pressed_and_nowhere_else() -> None:
    post = answer()
    assert post.question
    home = post.question.get_absolute_url()
    backs = {f"{home}?from=abc": f"{home}?from=abc#post-{post.public_id}"}
    backs |= dict.fromkeys(["https://evil.test/", "//evil.test/", "/accounts/", "x" * 3_000], post.get_absolute_url())
    for back, expected in backs.items():
        assert Visitor().post(f"/posts/{post.public_id}/helped/", {"back": back})["Location"] == expected


def test_looking_at_it_counts_nothing() -> None:
    post = answer()
    page = guest(1).get(f"/posts/{post.public_id}/helped/")
    assert page.status_code == 200 and "This helped" in page.text and said(post) == 0


def test_nobody_counts_for_their_own_and_a_muted_reader_counts_for_nothing() -> None:
    post = answer()
    url = f"/posts/{post.public_id}/helped/"
    assert Visitor(post.author).post(url).status_code == 403
    muted = factories.person()
    sanctions.impose(muted, sanctions.Measure(Sanction.Kind.MUTE, 3, "Please wait."), actor=factories.moderator())
    assert Visitor(muted).post(url).status_code == 302
    assert said(post) == 0


def test_too_many_from_one_network_have_to_wait(settings: Any) -> None:
    settings.HELPED_PER_NETWORK_HOUR = 1
    post = answer()
    url = f"/posts/{post.public_id}/helped/"
    assert [guest(1).post(url).status_code for _ in range(2)] == [302, 429]
    assert guest(2).post(url).status_code == 302


def test_what_is_not_public_answers_as_what_never_was() -> None:
    question = factories.published()
    post = answer(question=question)
    factories.transition(post, Move.HIDE, actor=None)
    for public_id in (post.public_id, question.public_id, "nosuchpost"):
        assert guest(1).post(f"/posts/{public_id}/helped/").status_code == 404
    assert said(post) == 0


def test_the_article_page_shows_the_count_however_well_it_is_kept() -> None:
    article = factories.article()
    post = answer(article=article)
    settle(article)
    visitor, url = Visitor(), article.get_absolute_url()
    visitor.get(url)
    etag = visitor.get(url)["ETag"]
    guest(1).post(f"/posts/{post.public_id}/helped/")
    fresh = visitor.get(url, headers={"if-none-match": etag})
    assert fresh.status_code == 200 and "1 reader found this helpful" in fresh.text


def test_which_network_a_guest_came_from_is_forgotten_and_the_count_stays() -> None:
    post = answer()
    member = factories.person()
    for visitor in (guest(1), guest(2), Visitor(member)):
        visitor.post(f"/posts/{post.public_id}/helped/")
    Helped.objects.update(created_at=timezone.now() - timedelta(days=29))
    guest(3).post(f"/posts/{post.public_id}/helped/")
    kept = set(Helped.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).values_list("reader_key"))
    tasks.upkeep()
    keys = set(Helped.objects.exclude(reader_key__startswith="forgotten:").values_list("reader_key"))
    assert keys == {*kept, (f"member:{member.pk}",)} and said(post) == 4
