"""`manage.py load_articles`: load articles from the content files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.content.content_file import ContentError
from articles.content.loading import content_files, load_file


class Command(BaseCommand):
    help = "Load articles from content files. Safe to repeat; what staff have edited is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="content files; without any, those of the repository")
        parser.add_argument("--replace", action="store_true", help="also overwrite what staff have edited in the admin")

    def handle(self, *args: Any, **options: Any) -> None:
        changed = False
        for path in options["files"] or content_files():
            try:
                outcomes = load_file(path, replace=options["replace"])
            except ContentError as error:
                raise CommandError(f"{error}\nNothing of this file was saved.") from error
            for outcome in outcomes:
                self.stdout.write(f"{outcome.what}: {outcome.result}{self.hint(outcome.result)}")
                changed = changed or outcome.changed
        if not changed:
            self.stdout.write("Nothing changed.")

    @staticmethod
    def hint(result: str) -> str:
        return ", because staff have edited it (--replace overwrites their work)" if result == "left alone" else ""
