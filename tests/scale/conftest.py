"""Two databases of these tests' own, a small and a large one, copied from the migrated test database and filled."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connections
from django.db.utils import load_backend

from tests.scale import filling, mail_filling
from tests.scale.filling import ON_SQLITE

SMALL = (100, 1_000)
LARGE = (20_000, 200_000) if ON_SQLITE else (100_000, 1_000_000)
FEW_SENT, MANY_SENT = 100, 200_000 if ON_SQLITE else 1_000_000
Use = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Use]:
    """Go to the small database: `with small(): ...`."""
    with _database("scale_small", partial(filling.fill, *SMALL), django_db_blocker, tmp_path_factory) as use:
        yield use


@pytest.fixture(scope="module")
def large(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Use]:
    """Go to the large database."""
    with _database("scale_large", partial(filling.fill, *LARGE), django_db_blocker, tmp_path_factory) as use:
        yield use


@pytest.fixture(scope="module")
def little_mail(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Use]:
    """Go to a database in which a hundred mails were sent."""
    with _database("mail_small", partial(mail_filling.fill, FEW_SENT), django_db_blocker, tmp_path_factory) as use:
        yield use


@pytest.fixture(scope="module")
def much_mail(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Use]:
    """Go to a database in which a million mails were sent."""
    with _database("mail_large", partial(mail_filling.fill, MANY_SENT), django_db_blocker, tmp_path_factory) as use:
        yield use


@contextmanager
def _database(name: str, fill: Callable[[], None], blocker: Any, folders: Any) -> Iterator[Use]:
    with blocker.unblock():
        copied = _copy(name, folders.mktemp(name) / "db.sqlite3")

        @contextmanager
        def use() -> Iterator[None]:
            usual = connections["default"]
            connections["default"] = copied
            try:
                with blocker.unblock():
                    yield
            finally:
                connections["default"] = usual

        try:
            start = time.perf_counter()
            with use():
                fill()
            print(f"\n{name}: filled in {time.perf_counter() - start:.1f} s")
            yield use
        finally:
            copied.close()
            _remove(name)


def _copy(name: str, path: Path) -> Any:
    """Copy the migrated test database; return a connection to the copy."""
    usual = connections["default"]
    entry = {**usual.settings_dict, "NAME": str(path) if ON_SQLITE else name}
    copied = load_backend(entry["ENGINE"]).DatabaseWrapper(entry, "default")
    if ON_SQLITE:
        usual.ensure_connection()
        copied.ensure_connection()
        usual.connection.backup(copied.connection)
    else:
        usual.close()
        _remove(name)
        # A thread of an earlier test may have left its connection open, and a database in use is not copied.
        _say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{usual.settings_dict['NAME']}'")
        _say(f'CREATE DATABASE "{name}" TEMPLATE "{usual.settings_dict["NAME"]}"')
    return copied


def _remove(name: str) -> None:
    if not ON_SQLITE:
        with suppress(psycopg.Error):
            _say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _say(sql: str) -> None:
    entry = connections["default"].settings_dict
    who = f"{quote(entry['USER'])}:{quote(entry['PASSWORD'] or '')}@{entry['HOST']}:{entry['PORT']}"
    with psycopg.connect(f"postgres://{who}/postgres", autocommit=True) as admin:
        admin.execute(sql.encode())
