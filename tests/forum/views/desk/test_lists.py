"""The list of the desk: the order, the words, the filters, the pages, and what it costs."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from forum.models import AnswerDraft, DeskQuestion, Post
from forum.physicians import desk as listing
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import Desk, answer, set_row, shown, words
from tests.forum.views.desk.desk import topic as desk_topic
from tests.scale import plans
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def waiting(number: int, *, hours: int = 1, **fields: Any) -> Post:
    """Return a public question that has waited for so long."""
    question = factories.published(f"Question number {number}?")
    set_row(question, waiting_since=timezone.now() - timedelta(hours=hours), **fields)
    return question


def test_urgent_first_then_what_moderators_ask_for_then_the_oldest() -> None:
    waiting(1, hours=1)
    waiting(2, hours=5)
    waiting(3, hours=2, is_asked_for=True)
    waiting(4, hours=1, is_urgent=True)
    waiting(5, hours=3, is_urgent=True)
    page = Desk().get("/desk/")
    assert shown(page) == [f"Question number {number}?" for number in (5, 4, 3, 2, 1)]


def test_each_line_says_why_since_when_about_what_and_who_is_on_it() -> None:
    desk, other = Desk(), factories.physician("Olga")
    topic = desk_topic()
    question = waiting(1, hours=50, is_urgent=True, is_asked_for=True, routed_to=desk.physician)
    Post.objects.filter(pk=question.pk).update(topic=topic)
    until = timezone.now() + timedelta(hours=5)
    set_row(question, claimed_by=other, claimed_until=until)
    waiting(2, is_asked_for=True, routed_to=other)
    waiting(3, is_asked_for=True)
    AnswerDraft.objects.create(author=desk.physician, question=question, text="I")
    page = words(desk.get("/desk/"))
    assert "Urgent, a moderator asks you for an answer" in page and "Waiting for 2 days" in page
    assert f"Dr Olga is answering this</strong>, until {until:%-d %B, %H:%M} (UTC)" in page
    assert "Bladder and bowel" in page and "You have begun an answer" in page
    assert "A moderator asks Dr Olga for an answer" in page and "A moderator asks for an answer" in page


def test_only_what_is_public_and_not_ones_own() -> None:
    desk = Desk()
    factories.pending("Held?")
    factories.published("My own?", user=desk.physician)
    gone = factories.published("Removed?")
    factories.decide(gone, Move.REMOVE)
    page = desk.get("/desk/")
    assert shown(page) == [] and "Nothing waits. Thank you." in page.text


def test_the_lists() -> None:
    desk, other, asker = Desk(), factories.physician("Olga"), factories.person()
    waits, again, mine, done = (
        factories.published(f"{name}?", user=asker) for name in ("Waits", "Again", "Mine", "Done")
    )
    for question, by in ((again, other), (mine, desk.physician), (done, other)):
        answer(question, by, f"To {question.title}")
    reply = submit.submit(factories.draft("And then?", question=again, user=asker))
    factories.decide(reply, Move.PUBLISH)
    set_row(done, state="done")
    begun = factories.published("Begun?")
    AnswerDraft.objects.create(author=desk.physician, question=begun, text="So")
    empty = factories.published("Emptied?")
    AnswerDraft.objects.create(author=desk.physician, question=empty, text="")
    set_row(waits, claimed_by=desk.physician, claimed_until=timezone.now() + timedelta(hours=1))
    lapsed = factories.published("Lapsed?")
    set_row(lapsed, claimed_by=desk.physician, claimed_until=timezone.now() - timedelta(hours=1))
    lists = {name: set(shown(desk.get(f"/desk/?show={name}"))) for name in listing.SHOWN}
    assert lists == {
        "waiting": {"Waits?", "Begun?", "Emptied?", "Lapsed?"},
        "follow-up": {"Again?"},
        "mine": {"Waits?", "Begun?"},
        "answered": {"Mine?"},
        "done": {"Done?"},
    }


def test_filters_by_topic_and_by_specialty_and_ones_own_in_one_click() -> None:
    desk = Desk()
    for slug in ("bladder-and-bowel", "baclofen-and-pumps", "other-medicines"):
        question = factories.published(f"About {slug}?")
        Post.objects.filter(pk=question.pk).update(
            topic=desk_topic(slug, "" if slug == "bladder-and-bowel" else "Neurology")
        )
    factories.published("About nothing?")
    assert shown(desk.get("/desk/?topic=bladder-and-bowel")) == ["About bladder-and-bowel?"]
    page = desk.get("/desk/")
    assert len(shown(page)) == 4 and 'href="?specialty=Neurology"' in page.text
    assert shown(desk.get("/desk/?specialty=Neurology")) == ["About baclofen-and-pumps?", "About other-medicines?"]
    assert "No questions match these filters" in desk.get("/desk/?topic=bladder-and-bowel&specialty=Neurology").text


@pytest.mark.parametrize("query", ["topic=x", "specialty=x", "show=x", "topic=%00", "show=" + "x" * 3000])
def test_a_filter_of_nonsense_is_a_clear_page(query: str) -> None:
    assert Desk().get(f"/desk/?{query}").status_code == 422


@pytest.mark.parametrize("cursor", ["nothing", "x' or 1", "ünknown", "%00"])
def test_a_link_to_a_page_that_never_was(cursor: str) -> None:
    assert Desk().get("/desk/", {"from": cursor}).status_code == 404


@pytest.mark.parametrize("name", ["waiting", "done"])
def test_the_pages_hold_everything_once_there_and_back(name: str) -> None:
    desk = Desk()
    now = timezone.now()
    for number in range(2 * listing.PER_PAGE + 3):
        question = factories.published(f"Question number {number}?")
        hours = timedelta(hours=number % 4)
        set_row(
            question, is_urgent=number % 5 == 0, is_asked_for=number % 3 == 0, waiting_since=now - hours, state=name
        )
    first = desk.get("/desk/", {"show": name})
    second, third = _next(desk, first, "next"), None
    third = _next(desk, second, "next")
    titles = shown(first) + shown(second) + shown(third)
    assert len(titles) == len(set(titles)) == 2 * listing.PER_PAGE + 3
    assert shown(_next(desk, third, "prev")) == shown(second) and shown(_next(desk, second, "prev")) == shown(first)


def _next(desk: Desk, page: Any, way: str) -> Any:
    link = re.search(rf'rel="{way}" href="([^"]*)"', page.text)
    assert link, f"no link {way}"
    return desk.get("/desk/" + html.unescape(link[1]))


def fill(count: int) -> None:
    """Add questions with everything that a line shows; without the doors, which are slow."""
    physician, article = factories.physician(), factories.article()
    topic = desk_topic()
    for number in range(count):
        question = factories.published(f"Filled {count} {number}?", article=article)
        Post.objects.filter(pk=question.pk).update(topic=topic)
        until = timezone.now() + timedelta(hours=1)
        set_row(question, claimed_by=physician, claimed_until=until, routed_to=physician, is_asked_for=bool(number % 2))


def test_the_list_costs_the_same_with_3_and_300_waiting(settings: Any) -> None:
    """docs/performance.md has the numbers."""
    desk, counted = Desk(), []
    for count in (3, 27):
        fill(count)
        counted.append(cost(desk))
    rows = [
        Post(
            kind="question",
            title=f"Bulk {n}?",
            source="?",
            html="",
            digest=f"{n}",
            state="published",
            published_at=timezone.now(),
            name="B",
        )
        for n in range(270)
    ]
    Post.objects.bulk_create(rows)
    DeskQuestion.objects.bulk_create([DeskQuestion(question=post) for post in rows])
    counted.append(cost(desk))
    assert counted[0] == counted[1] == counted[2] and counted[0] <= 14, counted


def cost(desk: Desk) -> int:
    """Return how many queries the desk costs; it is opened once before, so that nothing is new."""
    desk.get("/desk/")
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as captured:
        assert desk.get("/desk/").status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["waiting", "follow-up", "done"])
def test_the_list_is_read_by_an_index(name: str) -> None:
    """In the order of the index, with nothing sorted: the plan of both databases, with enough rows to be worth it."""
    posts = [
        Post(
            kind="question",
            title="?",
            source="?",
            html="",
            digest=f"{n}",
            state="published",
            published_at=timezone.now(),
            name="B",
        )
        for n in range(3000)
    ]
    Post.objects.bulk_create(posts)
    DeskQuestion.objects.bulk_create(
        [
            DeskQuestion(question=post, state=("waiting", "follow-up", "done", "answered")[n % 4])
            for n, post in enumerate(posts)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    desk = Desk()
    run = plans.run(lambda: desk.get(f"/desk/?show={name}"))
    [(sql, parameters)] = [
        query
        for query in run.queries
        if "LIMIT 21" in query[0] and "desk_" not in query[0][:40] and "claimed_until" in query[0]
    ]
    plan = plans.explain(sql, parameters)
    index = "desk_by_date" if name == "done" else "desk_by_state"
    assert index in plan and "TEMP B-TREE" not in plan and "Sort" not in plan, plan
