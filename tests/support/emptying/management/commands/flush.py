"""`flush` for tests: drops the triggers of the append-only log, empties the tables, and creates the triggers again.

The site itself has no such command: there `manage.py flush` fails on the first line of the log.
"""

from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.management.commands import flush
from django.db import connections, transaction

triggers: Any = import_module("forum.migrations.0003_log_is_append_only")


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        # One transaction: no other connection ever sees the table without triggers.
        with transaction.atomic(options["database"]):
            editor = connections[options["database"]].SchemaEditorClass(connections[options["database"]])
            editor.deferred_sql = []
            triggers.drop_triggers(apps, editor)
            super().handle(**options)
            triggers.put_triggers(apps, editor)
