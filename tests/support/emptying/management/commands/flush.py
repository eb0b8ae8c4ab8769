"""Django's `flush`, for tests: the log's triggers stand aside while the tables are emptied, and stand again after it.

The site has no such command: there `manage.py flush` fails on the first line of the log.
"""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.commands import flush
from django.db import connections, transaction

triggers: Any = import_module("forum.migrations.0003_log_is_append_only")


class Command(flush.Command):
    """Empty every table."""

    def handle(self, **options: Any) -> None:
        """Flush with the triggers away, in one transaction: nobody ever finds the table without them."""
        with transaction.atomic(options["database"]):
            editor = connections[options["database"]].SchemaEditorClass(connections[options["database"]])
            editor.deferred_sql = []
            triggers.drop_triggers(apps, editor)
            super().handle(**options)
            triggers.put_triggers(apps, editor)
