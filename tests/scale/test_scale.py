"""With a hundred thousand waiting and a million decided posts (SQLite: a fifth), what people do costs what it costs with a hundred.

The same number of queries, each by an index, and on PostgreSQL no step of a query visits many rows of a big table.
With `-s`, the milliseconds are printed for docs/performance.md.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.scale import plans
from tests.scale.conftest import LARGE, SMALL, Use
from tests.scale.filling import ON_SQLITE
from tests.scale.operations import BROAD, PUBLIC, QUEUE, RECORD, Operation, Place, count_the_year
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow(seconds=70), pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
NARROW = {**QUEUE, **RECORD, **PUBLIC}
# Rows of a big table that one step of a query may visit: what one physician has written, for example.
FEW = 10_000


@pytest.fixture(autouse=True)
def with_undo(settings: Any) -> None:
    """Decisions can be undone, as on the real site."""
    settings.UNDO_SECONDS = 600
    settings.MODERATOR_MAIL_MINUTES = 15


def measured(operation: Operation, use: Use, size: tuple[int, int]) -> plans.Run:
    """Carry the operation out twice in that database, and return the second time: nothing is new any more."""
    with use():
        place = Place(*size)
        plans.run(lambda: operation(place))
        return plans.run(lambda: operation(place))


@pytest.mark.parametrize("name", NARROW)
def test_it_costs_the_same_and_every_query_has_an_index(name: str, small: Use, large: Use) -> None:
    few, many = measured(NARROW[name], small, SMALL), measured(NARROW[name], large, LARGE)
    print(f"\n{name}: {len(many.queries)} queries, {few.milliseconds:.0f} and {many.milliseconds:.0f} ms")
    assert len(many.queries) == len(few.queries), difference(few, many)
    with large():
        assert not plans.without_index(many)
        assert ON_SQLITE or plans.most_rows(many) <= FEW


@pytest.mark.parametrize("name", BROAD)
def test_what_reads_more_rows_asks_as_often_and_by_an_index(name: str, small: Use, large: Use) -> None:
    few, many = measured(BROAD[name], small, SMALL), measured(BROAD[name], large, LARGE)
    print(f"\n{name}: {len(many.queries)} queries, {few.milliseconds:.0f} and {many.milliseconds:.0f} ms")
    if BROAD[name].__name__ == "operation":  # a page; the hourly rounds do more where there is more to do
        assert len(many.queries) == len(few.queries), difference(few, many)
    with large():
        assert not plans.without_index(many)


def test_counting_a_year(large: Use) -> None:
    """It reads the whole year; this is why the hourly round does it, and no reader waits for it."""
    with large():
        place = Place(*LARGE)
        found = plans.run(lambda: count_the_year(place))
    print(f"\ncounting a year: {len(found.queries)} queries, {found.milliseconds:.0f} ms")
    assert len(found.queries) <= 5


def difference(few: plans.Run, many: plans.Run) -> str:
    """Return which queries one asked and the other did not."""
    one, other = (
        [" ".join(text.split())[:300] for text in few.texts],
        [" ".join(text.split())[:300] for text in many.texts],
    )
    return "\n".join(
        [*(f"- {text}" for text in one if text not in other), *(f"+ {text}" for text in other if text not in one)]
    )


@pytest.fixture
def without_the_queues_indexes(large: Use) -> Iterator[None]:
    """The large database without what the queue is read by."""
    found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'forum_post'"
    if not ON_SQLITE:
        found = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'forum_post'"
    with large(), connection.cursor() as cursor:
        cursor.execute(found)
        dropped = [(name, sql) for name, sql in cursor.fetchall() if name.startswith(("post_waiting", "post_urgent"))]
        for name, _sql in dropped:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with large(), connection.cursor() as cursor:
        for _name, sql in dropped:
            cursor.execute(sql)


@pytest.mark.usefixtures("without_the_queues_indexes")
def test_the_instrument_sees_a_missing_index(large: Use) -> None:
    found = measured(QUEUE["the queue"], large, LARGE)
    with large():
        assert plans.without_index(found)


def test_the_instrument_sees_a_scan_and_what_it_reads(large: Use) -> None:
    with large():
        found = plans.Run([("SELECT COUNT(*) FROM forum_post WHERE title = %s", ["nothing"])])
        assert plans.without_index(found)
        assert ON_SQLITE or plans.most_rows(found) > FEW
        by_key = plans.Run([("SELECT title FROM forum_post WHERE id = %s", [5])])
        assert not plans.without_index(by_key)
        assert ON_SQLITE or plans.most_rows(by_key) == 1
