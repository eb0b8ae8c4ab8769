"""`manage.py replay_erasures`: repeat the erasures in the ledger after a restore, before the site starts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forum.privacy import replay


class Command(BaseCommand):
    help = "Repeat the erasures in the ledger (after a restore, before the site starts)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Unreadable lines raise a CommandError after all others have been replayed."""
        outcome = replay.replay()
        self.stdout.write(f"Erased again: {outcome.erased}. Taken back again: {outcome.taken_back}.")
        if outcome.unreadable:
            raise CommandError(
                f"{outcome.unreadable} lines of the ledger were written under another SECRET_KEY. "
                "Run this once more with that key in the environment; see docs/privacy.md."
            )
