"""`manage.py replay_erasures`: after a restore, erase again whoever the ledger names. Before the site starts."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forum.privacy import replay


class Command(BaseCommand):
    """Carries the erasure ledger out on the restored database; running it again changes nothing."""

    help = "Erase again whoever is in the erasure ledger (after a restore, before the site starts)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay, and say what was done; lines that cannot be read are an error."""
        outcome = replay.replay()
        self.stdout.write(f"Erased again: {outcome.erased}. Taken back again: {outcome.taken_back}.")
        if outcome.unreadable:
            raise CommandError(
                f"{outcome.unreadable} lines of the ledger were written under another SECRET_KEY. "
                "Run this once more with that key in the environment; see docs/privacy.md."
            )
