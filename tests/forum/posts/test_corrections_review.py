"""Answers are reviewed and superseded: by whom, on which version, and what readers then see."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from forum.models import LogEntry, Post
from forum.posts import corrections, submit, threads, transitions
from forum.states import Move
from forum.views.public.questions import below_the_newer
from tests import factories
from tests.forum.posts.answers import answer, correct, fresh
from tests.support.visitors import Visitor, error_beside, hidden, ordinary_site, summary  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
TODAY = "Reviewed by a physician on"
NEWER = "A newer answer has taken the place of this one"


def pair(**fields: Any) -> tuple[Post, Post]:
    """Return two answers to one question, the older first."""
    old = answer(**fields)
    return old, answer(factories.physician("Neil"), text="Nowadays the test dose comes first.", question=old.question)


def supersede(post: Post, visitor: Visitor, newer: str, **fields: Any) -> Any:
    """Choose a newer answer on the form, as it stands now."""
    form = {"version": fresh(post).version, "newer": newer, "address": "", **fields}
    return visitor.post(f"/posts/{post.public_id}/supersede/", form)


def page_of(post: Post) -> str:
    return str(Visitor().get(fresh(post).get_absolute_url()).text)


@pytest.mark.parametrize("who", ["author", "another"])
def test_a_physician_in_force_says_that_an_answer_is_still_right(who: str) -> None:
    post = answer()
    visitor = Visitor(post.author if who == "author" else factories.physician("Rita Review"))
    url = f"/posts/{post.public_id}/review/"
    version = hidden(visitor.get(url), "version")
    answers = [visitor.post(url, {"version": version}) for _ in range(2)]
    assert [response.status_code for response in answers] == [302, 302]
    assert fresh(post).reviewed_on == timezone.localdate() and TODAY in page_of(post)
    assert LogEntry.objects.filter(post=post, move=Move.REVIEW).count() == 1
    assert "Rita Review" not in page_of(post)


def test_a_review_counts_for_the_text_that_was_read() -> None:
    post, visitor = answer(), Visitor(factories.physician())
    url = f"/posts/{post.public_id}/review/"
    version = hidden(visitor.get(url), "version")
    correct(post)
    assert visitor.post(url, {"version": version}).status_code == 409
    assert visitor.post(url, {"version": "x"}).status_code == 422
    assert visitor.post(url, {"version": hidden(visitor.get(url), "version")}).status_code == 302
    assert fresh(post).reviewed_on
    assert fresh(correct(post, "Ask for another test dose, too.")).reviewed_on is None


def test_the_older_answer_says_so_is_folded_and_stands_below_the_newer() -> None:
    old, new = pair()
    reply = factories.published("It helped me to ask twice.", question=old.question)
    assert supersede(old, Visitor(old.author), new.public_id).status_code == 302
    page = page_of(old)
    assert NEWER in page and new.get_absolute_url() in page and "<details>" in page
    assert page.index(f'id="post-{new.public_id}"') < page.index("An older answer, by Dr Ada")
    assert page.index("An older answer, by Dr Ada") < page.index(f'id="post-{reply.public_id}"')
    assert old.question
    (thread,) = threads.with_replies([old.question])
    assert [shown.pk for shown in thread.replies] == [new.pk, old.pk, reply.pk]
    entry = LogEntry.objects.filter(post=old).latest("pk")
    assert (entry.move, entry.details) == (Move.SUPERSEDE, {"superseded_by": ["", new.public_id]})


def test_it_can_be_taken_back_and_a_second_press_changes_nothing() -> None:
    old, new = pair()
    author = Visitor(old.author)
    for newer in (new.public_id, new.public_id, "none", "none"):
        assert supersede(old, author, newer).status_code == 302
    assert fresh(old).superseded_by is None and NEWER not in page_of(old)
    assert LogEntry.objects.filter(post=old, move=Move.SUPERSEDE).count() == 2


def test_a_moderator_gives_a_reason_which_the_author_can_read() -> None:
    old, new = pair()
    mo = Visitor(factories.moderator("Mo"))
    refused = supersede(old, mo, new.public_id, reason="")
    assert refused.status_code == 422 and error_beside(refused, "reason")
    assert supersede(old, mo, new.public_id, reason="The dose is not given any more.").status_code == 302
    status = Visitor().get(old.get_status_url()).text
    assert "The dose is not given any more." in status and "A moderator has named" in status
    form = Visitor(old.author).get(f"/posts/{old.public_id}/supersede/").text
    assert "The dose is not given any more." in form and "Mo" in form
    with pytest.raises(transitions.ReasonMissing):
        corrections.supersede(fresh(old), None, actor=factories.moderator(), version=fresh(old).version)


@pytest.mark.parametrize("shape", ["{url}", "https://site.test{url}", "/posts/{id}/", "https://site.test/posts/{id}/"])
def test_an_answer_below_another_question_is_given_by_its_address(shape: str) -> None:
    old, elsewhere = answer(), answer(factories.physician("Neil"), text="Look at this instead.")
    address = shape.format(url=elsewhere.get_absolute_url(), id=elsewhere.public_id)
    assert supersede(old, Visitor(old.author), "elsewhere", address=address).status_code == 302
    assert fresh(old).superseded_by == elsewhere and elsewhere.get_absolute_url() in page_of(old)


def test_what_cannot_stand_in_its_place_is_refused_in_the_same_words_as_what_never_was() -> None:
    old = answer()
    hidden_question = answer(factories.physician("Hida"), text="Under a question that was removed.")
    assert hidden_question.question
    factories.decide(hidden_question.question, Move.REMOVE)
    reply = factories.published("A reader's reply.", question=old.question)
    held = submit.submit(factories.draft("Ring +44 20 7946 0958.", user=old.author, question=old.question))
    others = [hidden_question.public_id, reply.public_id, held.public_id, "nosuchpost"]
    said = set()
    for public_id in others:
        response = supersede(old, Visitor(old.author), "elsewhere", address=f"/posts/{public_id}/")
        assert response.status_code == 422
        said.add(error_beside(response, "address"))
    assert len(said) == 1 and fresh(old).superseded_by is None
    for newer, address in (("elsewhere", ""), ("elsewhere", "what I wrote"), ("", ""), ("x", "")):
        assert summary(supersede(old, Visitor(old.author), newer, address=address))


def test_neither_itself_nor_round_in_a_circle() -> None:
    old, new = pair()
    third = answer(factories.physician("Tess"), text="And this is the newest of them all.", question=old.question)
    itself = supersede(old, Visitor(old.author), "elsewhere", address=f"/posts/{old.public_id}/")
    assert itself.status_code == 422 and "this answer itself" in error_beside(itself, "newer")
    supersede(old, Visitor(old.author), new.public_id)
    supersede(new, Visitor(new.author), third.public_id)
    circle = supersede(third, Visitor(third.author), old.public_id)
    assert circle.status_code == 422 and "lead to the other" in error_beside(circle, "newer")
    assert fresh(third).superseded_by is None
    ordered = below_the_newer([fresh(post) for post in (old, new, third)])
    assert [post.pk for post in ordered] == [third.pk, new.pk, old.pk]


def test_a_circle_that_got_in_all_the_same_hides_no_answer() -> None:
    old, new = pair()
    Post.objects.filter(pk=old.pk).update(superseded_by=new)
    Post.objects.filter(pk=new.pk).update(superseded_by=old)
    assert {post.pk for post in below_the_newer([fresh(old), fresh(new)])} == {old.pk, new.pk}
    assert page_of(old).count(NEWER) == 2


def test_a_stale_form_keeps_the_reason() -> None:
    old, new = pair()
    correct(old)
    form = {"version": old.version, "newer": new.public_id, "address": "", "reason": "The dose has changed."}
    response = Visitor(factories.moderator()).post(f"/posts/{old.public_id}/supersede/", form)
    assert response.status_code == 409 and "The dose has changed." in response.text
    assert fresh(old).superseded_by is None


def test_wherever_an_answer_stands_it_says_how_it_has_aged() -> None:
    article = factories.article()
    old, new = pair(article=article)
    supersede(old, Visitor(old.author), new.public_id)
    correct(new, "Nowadays the test dose comes first, and then the pump.")
    Visitor(new.author).post(f"/posts/{new.public_id}/review/", {"version": fresh(new).version})
    assert new.question
    for url in (new.question.get_absolute_url(), article.get_absolute_url(), "/questions/", "/"):
        page = Visitor().get(url).text
        assert "Corrected on" in page and TODAY in page and NEWER in page and "An older answer" in page, url


def settle(article: Article) -> None:
    """Let the last change be some time ago, so that pages are kept again."""
    for post in Post.objects.filter(article=article):
        Post.objects.filter(pk=post.pk).update(changed_at=post.changed_at - timedelta(minutes=1))


def test_the_kept_article_page_shows_that_a_newer_answer_below_another_article_is_gone() -> None:
    article, other = factories.article(), factories.article()
    old = answer(article=article)
    new = answer(factories.physician("Neil"), text="Look at this instead.", article=other)
    supersede(old, Visitor(old.author), "elsewhere", address=f"/posts/{new.public_id}/")
    settle(article)
    visitor, url = Visitor(), article.get_absolute_url()
    visitor.get(url)
    first = visitor.get(url)
    assert NEWER in first.text and first.has_header("ETag")
    submit.withdraw(fresh(new), actor=new.author, version=new.version)
    second = visitor.get(url, headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200 and NEWER not in second.text and "An older answer" not in second.text


def test_reading_costs_the_same_however_answers_have_aged() -> None:
    old, new = pair(article=factories.article())
    assert old.question and old.article
    urls = [old.question.get_absolute_url(), old.article.get_absolute_url(), "/questions/"]
    costs = []
    for _ in range(3):
        Post.objects.update(changed_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            for url in urls:
                assert Visitor().get(url).status_code == 200
        costs.append(len(queries))
        supersede(old, Visitor(old.author), new.public_id)
        correct(new, "Nowadays the test dose comes first, and then the pump.")
        third = answer(factories.physician("Tess"), text="And this is one more answer.", question=old.question)
        correct(third, "And this is one more answer, corrected.")
    # The first time what hardly ever changes is read, too.
    assert costs[1] == costs[2]
