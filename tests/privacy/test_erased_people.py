"""Fifty people are erased, and nothing of them is found: in the database, its file, Redis, the log, or any other file.

Then the backup from before comes back, the ledger is replayed, and nothing is found again. The site is a whole one, with
its worker, on SQLite and on PostgreSQL. The search itself is shown what it has to find.
"""

import bisect
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import postgres
import pytest

from tests.conftest import ON_POSTGRESQL, StackFactory
from tests.privacy import erased_people, kept
from tests.support.smtp import MailServer
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow]

EVERYTHING = """
import json
from django.db import connection
with connection.cursor() as cursor:
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            print(json.dumps({f"{table}.{name}": str(value) for name, value in zip(names, row) if value is not None}))
"""
DONE = "from accounts.models import Erasure; print(Erasure.objects.filter(done_at=None, cancelled_at=None).count())"
Found = Iterator[tuple[str, bytes]]


class Site:
    """A site with fifty people in it, and the backup made while they were there."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.backup = stack.var.with_name(f"{stack.var.name}-backup")
        self.secrets: dict[str, dict[str, str]] = self.run("plant()")
        stack.manage("backup", str(self.backup))

    def run(self, call: str) -> Any:
        """Run code of tests.privacy.erased_people in the site; return what it prints."""
        lines = self.stack.shell(f"from tests.privacy import erased_people; erased_people.{call}").strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def words(self) -> dict[str, str]:
        """Return everything that must be gone: what it is -> the word or token."""
        people = range(erased_people.PEOPLE)
        words = {f"{n} {what}": found for n in people for what, found in erased_people.must_be_gone(n).items()}
        return words | {f"{n} {what}": found for n in people for what, found in self.secrets[str(n)].items()}

    def everywhere(self) -> Found:
        """Yield (where, bytes) for all that the site keeps."""
        for line in self.stack.shell(EVERYTHING).splitlines():
            for where, value in json.loads(line).items():
                yield where, value.encode()
        yield from kept.in_redis(self.stack.redis())
        yield from kept.in_files(self.stack.var)
        for file in self.stack.var.glob("db.sqlite3*"):
            yield f"the bytes of {file.name}", file.read_bytes()

    def found(self, words: dict[str, str]) -> dict[str, set[str]]:
        """Return which of the words stand where."""
        places, starts, length = [], [], 0
        parts = []
        for where, data in self.everywhere():
            places.append(where)
            starts.append(length)
            parts.append(data.lower())
            length += len(data) + 1
        everything = b"\0".join(parts)
        found: dict[str, set[str]] = {}
        for what, needle in words.items():
            at = everything.find(needle.encode().lower())
            while at >= 0:
                place = bisect.bisect(starts, at)
                found.setdefault(what, set()).add(places[place - 1])
                # On to the next place: one hit in each is enough.
                after = starts[place] if place < len(starts) else length
                at = everything.find(needle.encode().lower(), after)
        return found

    def pause(self) -> None:
        """Stop everything that uses the database."""
        for name in ("web", "worker", "beat"):
            self.stack.hold(name)
            self.stack.kill(name)
            self.stack.kill(f"{name}_child")
        wait_until(lambda: not {"web", "worker", "beat"} & set(self.stack.pids()), 20, "the end of all processes")

    def go_on(self) -> None:
        """Start them again."""
        for name in ("web", "worker", "beat"):
            self.stack.release(name)
        self.stack.wait_until_ready()

    def restore(self) -> None:
        """Go back to the backup, as docs/privacy.md says."""
        if ON_POSTGRESQL:
            program = str(postgres.installed_programs() / "bin" / "pg_restore")
            target = ["--clean", "--if-exists", "--no-owner", f"--dbname={self.stack.env['DATABASE_URL']}"]
            subprocess.run([program, *target, str(self.backup)], check=True, capture_output=True)
            return
        for end in ("-wal", "-shm"):
            (self.stack.var / f"db.sqlite3{end}").unlink(missing_ok=True)
        shutil.copy(self.backup, self.stack.var / "db.sqlite3")


@pytest.fixture(scope="module")
def site(session_stack_factory: StackFactory) -> Iterator[Site]:
    """The site, with the fifty."""
    mail = MailServer().start()
    programs = f"{postgres.installed_programs() / 'bin'}:" if ON_POSTGRESQL else ""
    settings = {"PATH": programs + os.environ["PATH"], "ASK_PER_ADDRESS_DAY": "1000"}
    site = Site(session_stack_factory(mail=mail, env=settings))
    yield site
    mail.stop()
    site.backup.unlink(missing_ok=True)


def nothing_is_found(site: Site) -> None:
    """Search, and say of each thing where it was found."""
    found = site.found(site.words())
    assert not found, "\n".join(f"{what}: {sorted(where)}" for what, where in sorted(found.items())[:40])
    stays = {
        f"{n} {what}": word for n in range(erased_people.PEOPLE) for what, word in erased_people.must_stay(n).items()
    }
    here = site.found(stays)
    some = [what for what in stays if "forum_post.source" in here.get(what, set())]
    assert len(some) > 8, "what people chose to leave is still there"


def test_nothing_of_fifty_erased_people_is_found(site: Site) -> None:
    words = site.words()
    before = site.found(words)
    missing = {what.split(" ", 1)[1] for what in words} - {what.split(" ", 1)[1] for what in before}
    assert not missing, f"the control: before, all of it is found, but {missing}"
    assert any("bytes of" in where for places in before.values() for where in places) or ON_POSTGRESQL
    site.run("ask()")
    wait_until(lambda: site.stack.shell(DONE).strip() == "0", 90, "the worker to have erased everybody")
    nothing_is_found(site)


def test_the_search_finds_what_is_left(site: Site) -> None:
    """The control of it all: one name in one row of one table."""
    name = erased_people.word(3, "name")
    site.stack.shell(
        "from forum.models import Note; n = Note.objects.latest('pk'); n.text += ' '; "
        f"Note.objects.filter(pk=n.pk).update(text='About {name.upper()}.')"
    )
    assert "forum_note.text" in site.found(site.words())["3 name"]
    site.stack.shell("from forum.models import Note; n = Note.objects.latest('pk'); n.text = 'Nothing.'; n.save()")
    site.stack.shell("from forum.privacy import erase; erase.scrub()")
    nothing_is_found(site)


def test_nor_after_the_backup_from_before_came_back_and_the_ledger_was_replayed(site: Site) -> None:
    site.pause()
    site.restore()
    assert "3 name" in site.found(site.words()), "the control: with the backup, everybody came back"
    assert "Erased again: 50." in site.stack.manage("replay_erasures")
    nothing_is_found(site)
    assert "Erased again: 0." in site.stack.manage("replay_erasures")
    site.go_on()
    assert site.stack.status("/questions/") == 200
    nothing_is_found(site)


def test_the_log_told_nothing(site: Site) -> None:
    log = site.stack.log_text()
    assert '"event": "request"' in log, "the control: the log was written, and is what we read"
    found = [what for what, word in site.words().items() if word in log]
    assert not found


def test_the_backup_is_for_its_owner_alone_and_overwrites_nothing(site: Site) -> None:
    assert site.backup.stat().st_mode & 0o777 == 0o600
    answer = site.stack.manage("backup", str(site.backup), check=False)
    assert "Copied" not in answer
    assert site.backup.stat().st_size > 10_000


def test_the_ledger_is_not_in_the_backup(site: Site) -> None:
    ledger = site.stack.var / "ledger" / "erasures.jsonl"
    lines = ledger.read_text().splitlines()
    assert len(lines) == erased_people.PEOPLE
    copy = site.backup.read_bytes()
    assert not [line for line in lines if json.loads(line)["who"][0].encode() in copy]
