"""Prepared site for tests: the result of script/server's first start, made once for all processes of a run.

Migrations and the demo people's password hashes take most of the start of a new site, and are the same for each. Every
site gets a copy, and starts like one that was stopped before: script/server runs its steps again and finds nothing to
do. tests/doors/test_server.py tests the start from nothing.
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
    """Make the folder for this process and its children; remove it, and its database, at the end."""
    with tempfile.TemporaryDirectory(prefix="hsp-prepared-") as folder:
        os.environ[FOLDER] = folder
        yield
        database = Path(folder, "database")
        if database.exists():
            # Autovacuum may be connected, and takes long to leave on a busy machine.
            execute(database.read_text(), "DROP DATABASE IF EXISTS {} WITH (FORCE)")
        del os.environ[FOLDER]


def copy_to(var: Path, env: dict[str, str]) -> None:
    folder, url = Path(os.environ[FOLDER]), env.get("DATABASE_URL", "")
    original = named(url, f"prepared_{folder.name[-8:]}") if url else ""
    with _one_at_a_time(folder):
        if not (folder / "done").exists():
            _prepare(folder, {**env, **({"DATABASE_URL": original} if url else {})})
        if url:
            execute(url, "CREATE DATABASE {} TEMPLATE {}", original)
    for name in FILES:
        if (folder / name).exists():
            shutil.copy2(folder / name, var / name)


def _prepare(folder: Path, env: dict[str, str]) -> None:
    (folder / "secret-key").write_text(secrets.token_urlsafe(48) + "\n")
    if url := env.get("DATABASE_URL"):
        (folder / "database").write_text(url)
        execute(url, "CREATE DATABASE {}")
    command = [sys.executable, str(ROOT / "script/lib/prepare.py"), *STEPS]
    everything = {**USUAL, **env, "VAR_DIR": str(folder)}
    subprocess.run(command, env=everything, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    (folder / "done").touch()


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def execute(url: str, sql: str, *more: str) -> None:
    """Execute a statement about databases, such as CREATE DATABASE {}; {} stands for the names in the URLs."""
    names = [f'"{urlsplit(one).path[1:]}"' for one in (url, *more)]
    with psycopg.connect(named(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.format(*names).encode())
