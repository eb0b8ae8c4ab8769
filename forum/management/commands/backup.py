"""`manage.py backup FILE`: copy the database while the site runs, without the erasure ledger on purpose."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    help = "Copy the database into FILE, a new one, while the site runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise CommandError(f"The file cannot be created: {error.strerror}. Choose a new name.") from None
        try:
            if connection.vendor == "sqlite":
                copy_sqlite(file)
            else:
                dump_postgresql(file)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        self.stdout.write(
            f"Copied the database. Restoring it: docs/privacy.md. Keep {settings.ERASURE_LEDGER} elsewhere."
        )


def copy_sqlite(file: Path) -> None:
    """Use SQLite's backup API, which includes the write-ahead log; a copy of the file would not."""
    connection.ensure_connection()
    target = sqlite3.connect(file)
    try:
        connection.connection.backup(target)
    finally:
        target.close()


def dump_postgresql(file: Path) -> None:
    """Write pg_dump's custom format for pg_restore."""
    program = shutil.which("pg_dump")
    if program is None:
        raise CommandError(
            "pg_dump is not installed: install PostgreSQL's client programs, or run it on another machine."
        )
    values = connection.settings_dict
    # Pass the password in the environment: arguments are visible to everybody on the machine.
    parts = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    said = {name: str(values[key]) for name, key in parts.items() if values.get(key)}
    command = [program, "--format=custom", f"--file={file}"]
    finished = subprocess.run(
        command, env={**os.environ, **said}, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if finished.returncode:
        raise CommandError(f"pg_dump has failed: {finished.stderr.strip()}")
