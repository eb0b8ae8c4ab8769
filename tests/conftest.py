"""Fixtures for all tests (site, mail server, browser), and selection of tests by database."""

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from playwright.sync_api import Browser

from tests.faults.sizes import LONG
from tests.support import prepared
from tests.support.browser import Pages, running_chromium
from tests.support.smtp import MailServer
from tests.support.stack import Stack

ON_POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
NOT_HERE = {"sqlite_only", "database_neutral"} if ON_POSTGRESQL else {"postgresql_only"}
SLOW = ("slow", "browser", "stack")
COSTLY = set(Path(__file__).with_name("support").joinpath("costly.txt").read_text().splitlines())
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}
# Not this session's own parallel workers: ending one of them would end the query that asks.
OTHER_SESSIONS = """SELECT pid, backend_type, state, left(query, 200) FROM pg_stat_activity WHERE datname = current_database()
AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'autovacuum worker')"""
HALF_A_MINUTE = 30_000  # milliseconds
StackFactory = Callable[..., Stack]
failed_call = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of prepared sites, before worker processes are started."""
    if not hasattr(config, "workerinput"):
        folder = ExitStack()
        folder.enter_context(prepared.folder_of_this_run())
        config.add_cleanup(folder.close)


def pytest_report_header() -> str:
    return f"database: {'PostgreSQL' if ON_POSTGRESQL else 'SQLite'}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what a quick run leaves out, before pytest looks at the markers."""
    if f"{item.path.name}::{getattr(item, 'originalname', item.name)}" in COSTLY:
        item.add_marker("costly")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests of the other database, and put quick tests first.

    Several processes share the tests file by file (script/lib/checks.py), so that a file's site is started once.
    """
    elsewhere = [item for item in items if _belongs_elsewhere(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        left_out = set(elsewhere)
        items[:] = [item for item in items if item not in left_out]
    # The longest slow files first: an idle process takes the next one, so that all processes end at about the same time.
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (_is_slow(item), -_seconds(item, sizes[item.path])))


def _belongs_elsewhere(item: pytest.Item) -> bool:
    """Return True for tests whose marker excludes this database, and on PostgreSQL for tests without a database."""
    if any(item.get_closest_marker(name) for name in NOT_HERE):
        return True
    if LONG and not ON_POSTGRESQL and not item.get_closest_marker("database_neutral"):
        return True  # a long run is made once, on the database of production
    near = any(item.get_closest_marker(name) for name in ("django_db", "postgresql_only", *SLOW))
    return ON_POSTGRESQL and not near and not DATABASE_FIXTURES & set(getattr(item, "fixturenames", []))


def _is_slow(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in SLOW)


def _seconds(item: pytest.Item, tests: int) -> float:
    """Return the estimated seconds of a slow file: slow(seconds=...), or half a minute for a site of its own."""
    marked = (marker.kwargs.get("seconds") for marker in item.iter_markers("slow"))
    return next((float(seconds) for seconds in marked if seconds), tests + 30 * bool(item.get_closest_marker("stack")))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Record failures, for the fixtures that then print the site's log."""
    outcome: Any = yield
    if outcome.get_result().failed:
        item.stash[failed_call] = True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Django's test database; sessions that are still connected to it at the end are named and ended.

    PostgreSQL does not drop a database in use. It waits five seconds for autovacuum and for sessions that were just
    closed, which is too short on a busy machine.
    """
    yield
    if ON_POSTGRESQL:
        # tests/scale ends every session of this database to copy it: this process's own may be one of them.
        connection.close()
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(OTHER_SESSIONS)
            for session in cursor.fetchall():
                warnings.warn(f"ended, since it was still connected to the test database: {session}", stacklevel=1)
                cursor.execute("SELECT pg_terminate_backend(%s, %s)", [session[0], HALF_A_MINUTE])


@pytest.fixture(autouse=True)
def empty_page_cache() -> None:
    """Clear the cache between tests: a cached part would also change the number of queries."""
    caches["pages"].clear()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer().start()
    yield server
    server.stop()


def _make_and_stop(cleanup: ExitStack) -> StackFactory:
    def make(**arguments: Any) -> Stack:
        stack = Stack(**arguments)
        cleanup.callback(stack.destroy)
        stack.start()
        cleanup.callback(stack.stop)
        return stack

    return make


@pytest.fixture
def stack_factory(request: pytest.FixtureRequest) -> Iterator[StackFactory]:
    """Start sites: stack_factory(seed_question=True, mail=mail_server, env={...}); they stop after the test."""
    started: list[Stack] = []
    with ExitStack() as cleanup:
        make = _make_and_stop(cleanup)

        def make_and_remember(**arguments: Any) -> Stack:
            started.append(make(**arguments))
            return started[-1]

        yield make_and_remember
        if request.node.stash.get(failed_call, False):
            for stack in started:
                print(f"--- the end of {stack.log}\n{stack.log_text()[-8000:]}")


@pytest.fixture(scope="session")
def session_stack_factory() -> Iterator[StackFactory]:
    with ExitStack() as cleanup:
        yield _make_and_stop(cleanup)


@pytest.fixture
def stack(stack_factory: StackFactory, mail_server: MailServer) -> Stack:
    """A site of this test's own, without the first question; its mail goes to `mail_server` (stack.mail)."""
    return stack_factory(mail=mail_server)


@pytest.fixture(scope="session")
def shared_stack(session_stack_factory: StackFactory) -> Stack:
    """One site for all tests that only read: with the first question and demo people; mail is written to files."""
    return session_stack_factory(seed_question=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def page_factory(chromium: Browser) -> Iterator[Pages]:
    """Make pages: page_factory(javascript=False, width=320, dark=False); closed after the test."""
    pages = Pages(chromium)
    yield pages
    pages.close()
