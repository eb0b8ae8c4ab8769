"""The public yearly numbers: right, cheap to read, and nothing by which anybody could be recognised."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from forum.models import LogEntry, Post, Reason, Report
from forum.moderation import yearly_numbers
from forum.posts import transitions
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
PATH = "/moderation-in-numbers/"


@pytest.fixture(autouse=True)
def fixed_time(settings: Any) -> Iterator[None]:
    """It is always the same day."""
    settings.UNDO_SECONDS = 600
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mo() -> User:
    """One moderator for all."""
    return factories.moderator("Mo Derator")


def decided(move: Move, mo: User, number: int = 1, *, code: str = "", days: float = 1, **fields: Any) -> list[Post]:
    """Return posts decided some days ago, an hour after they came."""
    posts = []
    for _ in range(number):
        with time_machine.travel(NOW - timedelta(days=days, hours=1), tick=False):
            post = factories.pending(**fields)
        with time_machine.travel(NOW - timedelta(days=days), tick=False):
            factories.transition(post, move, actor=mo, reason="Because.", reason_code=code)
        posts.append(post)
    return posts


def reason(code: str, title: str) -> None:
    """Put a reason into the library."""
    Reason.objects.update_or_create(code=code, defaults={"move": "return", "title": title, "text": "Please."})


def test_decisions_of_each_year_by_kind_and_reason(mo: User) -> None:
    reason("link", "It has a link")
    decided(Move.PUBLISH, mo, 6)
    decided(Move.RETURN, mo, 7, code="link")
    decided(Move.REJECT, mo, 5, days=400)
    now, before = yearly_numbers.count(2026), yearly_numbers.count(2025)
    assert now["decisions"] == {"publish": 6, "return": 7}
    assert now["reasons"]["return"] == {"link": 7}
    assert before["decisions"] == {"reject": 5}
    assert now["median"] == 3600
    page = Visitor().get(PATH).text
    assert page.index("2026, so far") < page.index('id="year-2025"')
    assert "It has a link" in page
    assert "Half of the posts were decided within <strong>1 h</strong>" in page


def test_what_was_undone_does_not_count(mo: User) -> None:
    (post,) = decided(Move.SPAM, mo, days=0)
    transitions.undo(post, actor=mo, version=post.version)
    assert yearly_numbers.count(2026)["decisions"] == {}


def test_reports_and_what_the_site_did_by_itself(mo: User) -> None:
    posts = decided(Move.PUBLISH, mo, 5)
    for post in posts:
        Report.objects.create(post=post, reporter_key=f"a{post.pk}", reason="other", outcome="kept")
    factories.transition(posts[0], Move.HIDE, actor=None)
    found = yearly_numbers.count(2026)
    assert found["reports"] == {"kept": 5}
    assert found["held"] == 5
    assert found["site"] == {"hide": 1}


def test_what_the_site_published_by_itself_was_not_held(mo: User, settings: Any) -> None:
    decided(Move.PUBLISH, mo, 2)
    question = factories.published(by=mo)
    posts = Post.objects.count()
    factories.pending(question=question, user=factories.physician())
    assert LogEntry.objects.filter(move=Move.PUBLISH, actor=None).count() == 1
    assert yearly_numbers.count(2026)["held"] == posts


@pytest.mark.parametrize(("number", "told"), [(1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1,234")])
def test_small_numbers_are_not_told(number: int, told: str) -> None:
    assert yearly_numbers.disclosed({"a": number, "b": 0}) == {"a": told}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"a": 20, "b": 9, "c": 3}, {"a": "20", "b": "not told", "c": "fewer than 5"}),
        ({"a": 20, "b": 2, "c": 3}, {"a": "20", "b": "fewer than 5", "c": "fewer than 5"}),
        ({"a": 20, "b": 9}, {"a": "20", "b": "9"}),
        ({"a": 3}, {"a": "fewer than 5"}),
    ],
)
def test_nor_can_they_be_found_by_subtraction(found: dict[str, int], told: dict[str, str]) -> None:
    assert yearly_numbers.disclosed(found, sum_is_told=True) == told


def test_the_page_tells_no_small_number_and_no_name(mo: User) -> None:
    reason("link", "It has a link")
    reason("dose", "It tells others what to take")
    decided(Move.RETURN, mo, 9, code="link", name="Gwen Guest")
    decided(Move.RETURN, mo, 3, code="dose")
    decided(Move.SPAM, mo, 2)
    page = Visitor().get(PATH).text
    told = [part.split("</td>")[0] for part in page.split("<td>")[1:]]
    assert sorted(told) == ["12", "14", "fewer than 5", "fewer than 5", "not told"]
    for secret in ("Mo Derator", "Gwen Guest", "Because."):
        assert secret not in page


def test_a_year_with_few_decisions_has_no_median(mo: User) -> None:
    decided(Move.PUBLISH, mo, 4)
    assert yearly_numbers.count(2026)["median"] is None


def test_reading_costs_the_same_for_3_and_30_decisions_in_one_year_or_in_three(mo: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert Visitor().get(PATH).status_code == 200
        return len(captured)

    decided(Move.PUBLISH, mo, 3)
    yearly_numbers.refresh()
    few = queries()
    decided(Move.PUBLISH, mo, 15, days=400)
    decided(Move.RETURN, mo, 15, days=800)
    yearly_numbers.refresh()
    assert queries() == few <= 3


def test_the_upkeep_counts_what_is_new_and_an_old_year_once_a_day(mo: User) -> None:
    decided(Move.PUBLISH, mo, 5, days=400)
    yearly_numbers.refresh()
    decided(Move.PUBLISH, mo, 5, days=400)
    decided(Move.PUBLISH, mo, 6)
    yearly_numbers.refresh()
    assert (yearly_numbers.stored(2026) or {})["decisions"] == {"publish": 6}
    assert (yearly_numbers.stored(2025) or {})["decisions"] == {"publish": 5}, "not counted again today"
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        yearly_numbers.refresh()
    assert (yearly_numbers.stored(2025) or {})["decisions"] == {"publish": 10}


def test_when_the_cache_is_lost_one_request_counts_and_the_others_say_so(mo: User) -> None:
    decided(Move.PUBLISH, mo, 5)
    assert "Published" in Visitor().get(PATH).text, "this one counts"
    cache.clear()
    cache.add("counting:2026", 1, 60)  # another request has begun
    page = Visitor().get(PATH)
    assert page.status_code == 200
    assert "being counted now" in page.text


def test_a_site_without_decisions_has_a_page_too() -> None:
    assert "No decisions yet." in Visitor().get(PATH).text


def test_every_page_leads_there() -> None:
    assert f'href="{PATH}"' in Visitor().get("/questions/").text
