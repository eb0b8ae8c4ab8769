"""What script/server makes on its first start, made once for all processes of a test run.

Migrating and hashing the demo people's passwords takes most of the seconds in which a new site starts, and is the same
for every site. Each gets a copy, and starts as a site does that was stopped before: script/server looks through it all
again, and finds it done. That a site starts from nothing is shown in tests/doors/test_server.py.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
STEPS = ("migrate", "load_articles", "demo_people")
FILES = ("db.sqlite3", "secret-key")
FOLDER = "PREPARED_DIR"  # in the environment of every process of this run
USUAL = {"DEBUG": "true", "REDIS_URL": "unix:///nowhere/redis.sock"}


@contextlib.contextmanager
def folder_of_this_run() -> Iterator[None]:
    """Make the folder for this process and those that it starts; it goes in the end, and the database with it."""
    with tempfile.TemporaryDirectory(prefix="hsp-prepared-") as folder:
        os.environ[FOLDER] = folder
        yield
        database = Path(folder, "database")
        if database.exists():
            # Autovacuum may be at it: it is not given the time that it takes to leave on a busy machine.
            say(database.read_text(), "DROP DATABASE IF EXISTS {} WITH (FORCE)")
        del os.environ[FOLDER]


def copy_to(var: Path, env: dict[str, str]) -> None:
    """Put a prepared site's files into the folder `var`, and make its PostgreSQL database where `env` names one."""
    folder, url = Path(os.environ[FOLDER]), env.get("DATABASE_URL", "")
    original = named(url, f"prepared_{folder.name[-8:]}") if url else ""
    with _one_at_a_time(folder):
        if not (folder / "done").exists():
            _prepare(folder, {**env, **({"DATABASE_URL": original} if url else {})})
        if url:
            say(url, "CREATE DATABASE {} TEMPLATE {}", original)
    for name in FILES:
        if (folder / name).exists():
            shutil.copy2(folder / name, var / name)


def _prepare(folder: Path, env: dict[str, str]) -> None:
    (folder / "secret-key").write_text(secrets.token_urlsafe(48) + "\n")
    if url := env.get("DATABASE_URL"):
        (folder / "database").write_text(url)
        say(url, "CREATE DATABASE {}")
    command = [sys.executable, str(ROOT / "script/lib/prepare.py"), *STEPS]
    everything = {**USUAL, **env, "VAR_DIR": str(folder)}
    subprocess.run(command, env=everything, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    (folder / "done").touch()


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold a lock among the processes of this run."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def named(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def say(url: str, sql: str, *more: str) -> None:
    """Tell the server of a database something about it as a whole; {} stands for its name and those of others."""
    names = [f'"{urlsplit(one).path[1:]}"' for one in (url, *more)]
    with psycopg.connect(named(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.format(*names).encode())
