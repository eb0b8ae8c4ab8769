"""The dashboard: its numbers are right, cost the same for much and little, and leave as a harmless CSV file."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from forum.models import Hold, Post, Report
from forum.moderation import charts, statistics
from forum.posts import submit, transitions
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
# A Wednesday: this week began two days ago.
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def fixed_time(settings: Any) -> Iterator[None]:
    """It is always the same Wednesday."""
    settings.UNDO_SECONDS = 600
    with time_machine.travel(NOW, tick=False):
        yield


@contextmanager
def ago(**span: float) -> Iterator[None]:
    """Do something that long ago."""
    with time_machine.travel(NOW - timedelta(**span), tick=False):
        yield


def decided(move: Move, *, waited: float = 1, by: User | None = None, days: float = 1, text: str = "") -> Post:
    """Return a post decided some days ago, after waiting `waited` hours."""
    with ago(days=days, hours=waited):
        post = factories.pending(text)
    with ago(days=days):
        factories.decide(post, move, by=by)
    return post


def rows(measure: str) -> dict[str, int]:
    """Return one measure's sums over the twelve weeks by group."""
    found: dict[str, int] = {}
    for row in statistics.rows(statistics.week_starts()):
        if row.measure == measure:
            found[row.group] = found.get(row.group, 0) + row.value
    return found


def reader() -> Visitor:
    """Return a moderator who has signed in."""
    return Visitor(factories.moderator())


def test_weeks_begin_on_monday() -> None:
    starts = statistics.week_starts()
    assert len(starts) == 12
    assert starts[-1] == datetime(2026, 11, 16, tzinfo=UTC)
    assert {start.weekday() for start in starts} == {0}


def test_decisions_count_by_kind_and_by_moderator_and_asking_does_not() -> None:
    mo, jo = factories.moderator("Mo"), factories.moderator("Jo")
    decided(Move.PUBLISH, by=mo)
    decided(Move.PUBLISH, by=jo)
    decided(Move.SPAM, by=jo)
    decided(Move.ASK_COLLEAGUE, by=jo)
    decided(Move.REJECT, by=jo, days=90)  # too long ago
    assert rows(statistics.KINDS) == {"Publish": 2, "Spam": 1}
    assert rows(statistics.PEOPLE) == {"Mo": 1, "Jo": 2}


def test_two_moderators_of_one_name_are_two() -> None:
    first, second = factories.moderator("Mo"), factories.moderator("Mo")
    decided(Move.PUBLISH, by=first)
    decided(Move.SPAM, by=second)
    assert rows(statistics.PEOPLE) == {f"Mo ({first.pk})": 1, f"Mo ({second.pk})": 1}


def test_what_was_undone_counts_nowhere() -> None:
    mo = factories.moderator("Mo")
    post = decided(Move.REJECT, by=mo, days=0)
    transitions.undo(post, actor=mo, version=post.version)
    assert statistics.rows(statistics.week_starts()) == []


@pytest.mark.parametrize(("number", "median", "long"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (10, 5, 9), (11, 6, 10)])
def test_half_and_nine_of_ten_waited_at_most_as_long(number: int, median: int, long: int) -> None:
    mo = factories.moderator("Mo")
    for hours in range(number, 0, -1):
        decided(Move.PUBLISH, waited=hours, by=mo, days=0.1)
    assert rows(statistics.MEDIAN) == {"all": median * 3600}
    assert rows(statistics.LONG) == {"all": long * 3600}
    assert rows(statistics.WAITED) == {"all": number}


def test_each_week_stands_for_itself() -> None:
    decided(Move.PUBLISH, waited=2, days=0.5)
    decided(Move.PUBLISH, waited=30, days=3)  # Sunday night: the week before
    found = {
        row.week.isoformat(): row.value
        for row in statistics.rows(statistics.week_starts())
        if row.measure == statistics.MEDIAN
    }
    assert found == {"2026-11-16": 2 * 3600, "2026-11-09": 30 * 3600}


def test_what_came_back_better_has_waited_for_its_author_and_counts_once() -> None:
    post = decided(Move.RETURN, waited=2, days=5)
    submit.edit(post, "Is it better now, without the link?", actor=None, version=post.version)
    factories.decide(post, Move.PUBLISH)
    assert rows(statistics.MEDIAN) == {"all": 2 * 3600}
    assert rows(statistics.WAITED) == {"all": 1}


def rule(name: str, *posts: Post, effect: str = "hold", spans: int = 1) -> None:
    """Say that a rule held these posts, in the revision they have now."""
    for post in posts:
        for start in range(spans):
            Hold.objects.create(post=post, revision=1, rule=name, sentence="!", effect=effect, start=start, end=9)


def test_a_rule_was_right_when_the_first_lasting_decision_was_not_just_to_publish() -> None:
    fine, spam, back = decided(Move.PUBLISH), decided(Move.SPAM), decided(Move.RETURN)
    rule("links", fine, spam, back, spans=3)
    rule("dose", fine, effect="note")
    with ago(hours=2):
        submit.edit(back, "Is it better now, without the link?", actor=None, version=back.version)
        factories.decide(back, Move.PUBLISH)  # what came back better does not make the rule wrong
    assert rows(statistics.HELD)["links"] == 3
    assert rows(statistics.RIGHT)["links"] == 2
    assert "dose" not in rows(statistics.HELD), "a note holds nothing"


def test_publishing_without_the_marked_parts_says_that_the_rule_was_right() -> None:
    from forum.posts import submit

    post, mo = factories.pending("Write to me, my number is 1."), factories.moderator()
    Hold.objects.all().delete()
    rule("phone", post)
    factories.transition(post, Move.MASK, actor=mo, changes=submit.fields_of("Write to me."))
    assert rows(statistics.HELD) == rows(statistics.RIGHT) == {"phone": 1}


def test_reports_by_outcome() -> None:
    post = factories.published()
    Report.objects.create(post=post, reporter_key="a", reason="other")
    Report.objects.create(post=post, reporter_key="b", reason="other", outcome="upheld")
    assert rows(statistics.REPORTS) == {"not looked at yet": 1, "taken down or changed": 1}


def test_what_became_of_posts_sent_back() -> None:
    silent, changed, published = (decided(Move.RETURN) for _ in range(3))
    for post in (changed, published):
        submit.edit(post, f"A changed text, number {post.pk}", actor=None, version=post.version)
    factories.decide(published, Move.PUBLISH)
    assert silent.state == "returned"
    assert rows(statistics.RETURNS) == {"sent back": 3, "changed and sent again": 2, "changed and published": 1}


def test_what_waits_now() -> None:
    with ago(days=3):
        oldest = factories.pending()
    urgent, asked = factories.pending(), factories.pending()
    Post.objects.filter(pk=urgent.pk).update(is_urgent=True)
    factories.decide(asked, Move.ASK_PHYSICIAN)
    assert statistics.now() == statistics.Now(3, 1, 1, oldest.waiting_since)


def test_the_page_shows_plots_and_tables_of_the_same_numbers() -> None:
    decided(Move.PUBLISH, waited=5, by=factories.moderator("Mo"))
    page = reader().get("/moderation/dashboard/").text
    assert page.count("<svg") == page.count('role="img"') >= 5
    assert page.count("<svg") == page.count("<table")
    assert "5 h" in page
    assert "Mo: 1" in page, "each bar has its number in words"


def test_waits_too_short_to_draw_still_have_their_table() -> None:
    """A quick moderator is no reason to say that nothing happened."""
    decided(Move.PUBLISH, waited=0)
    page = reader().get("/moderation/dashboard/").text
    waits = page.split('id="waits"')[1].split("</section>")[0]
    assert "<svg" not in waits
    assert "under a minute" in waits and "Nothing in these weeks." not in waits


def test_an_empty_site_has_a_page_too() -> None:
    page = reader().get("/moderation/dashboard/").text
    assert "<svg" not in page
    assert "Nothing in these weeks." in page


def test_the_page_costs_the_same_for_3_and_30_decisions() -> None:
    client = reader()
    mo, jo = factories.moderator(), factories.moderator()

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/moderation/dashboard/").status_code == 200
        return len(captured)

    for number in range(3):
        decided(Move.PUBLISH if number % 2 else Move.RETURN, by=mo)
    client.get("/moderation/dashboard/")
    few = queries()
    for number in range(27):
        decided(Move.SPAM if number % 2 else Move.RETURN, by=jo, days=number)
        factories.pending()
    assert queries() == few


def test_the_csv_is_one_tidy_table() -> None:
    decided(Move.PUBLISH, by=factories.moderator("Mo"), waited=2)
    response = reader().get("/moderation/dashboard.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="moderation-2026-11-18.csv"'
    table = list(csv.reader(io.StringIO(response.content.decode())))
    assert table[0] == ["week", "measure", "group", "value"]
    assert ["2026-11-16", "median wait in seconds", "all", "7200"] in table
    assert ["2026-11-16", "decisions by moderator", "Mo", "1"] in table


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_spreadsheet_runs_a_name(name: str) -> None:
    decided(Move.PUBLISH, by=factories.moderator(name))
    table = list(csv.reader(io.StringIO(reader().get("/moderation/dashboard.csv").text)))
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert [cell for row in table for cell in row if cell.endswith(name)] == [f"'{name}"]


@pytest.mark.parametrize("path", ["/moderation/dashboard/", "/moderation/dashboard.csv"])
def test_only_who_may_read_the_log_sees_the_numbers(path: str) -> None:
    assert Visitor().get(path).status_code == 302
    assert Visitor(factories.person()).get(path).status_code == 403
    assert Visitor(factories.person("", "staff")).get(path).status_code == 200


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "1 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86_400, "1 day"),
        (183_600, "2 days 3 h"),
    ],
)
def test_lengths_of_time_in_words(seconds: int, words: str) -> None:
    assert charts.in_words(seconds) == words


@pytest.mark.parametrize(("value", "top"), [(0.3, 0.4), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (95, 100)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert charts.round_up(value) == pytest.approx(top)


def test_bars_and_columns_stay_inside_the_picture() -> None:
    bars = charts.bars([("a", "1", 1, 1), ("b", "1000", 1000, 300)])
    assert bars is not None
    assert max(bar.x + bar.width for bar in bars.bars) <= bars.width
    assert all(bar.part <= bar.width for bar in bars.bars)
    columns = charts.columns([1, 5, 0], ["x", "", "y"], "hours", [2, 9, None])
    assert columns is not None
    for column in columns.columns:
        assert 0 <= column.y <= columns.base
        assert column.y + column.height == pytest.approx(columns.base, abs=0.02)
        assert column.mark_y is None or 0 <= column.mark_y <= column.y
    assert charts.columns([0, 0], ["", ""], "hours") is None
    assert charts.bars([]) is None


def test_nobody_s_time_stands_still() -> None:
    """The instrument: the tests above travel in time."""
    assert timezone.now() == NOW
