"""Triggers that hold the log's promise in the database itself: lines are added, and nothing else, by SQL too.

A later migration that alters forum_logentry makes SQLite build the table anew, and its triggers are gone with the old
one: such a migration ends with RunPython(put_triggers, drop_triggers). tests/forum/test_audit.py notices.
"""

from django.db import migrations

WORDS = "The moderation log is append-only."

SQLITE = {
    "log_is_not_changed": f"""
        CREATE TRIGGER log_is_not_changed BEFORE UPDATE ON forum_logentry
        BEGIN SELECT RAISE(ABORT, '{WORDS}'); END
    """,
    "log_is_not_deleted": f"""
        CREATE TRIGGER log_is_not_deleted BEFORE DELETE ON forum_logentry
        BEGIN SELECT RAISE(ABORT, '{WORDS}'); END
    """,
    # INSERT OR REPLACE deletes the row in its way without a word to the trigger above.
    "log_is_not_replaced": f"""
        CREATE TRIGGER log_is_not_replaced BEFORE INSERT ON forum_logentry
        WHEN EXISTS (SELECT 1 FROM forum_logentry WHERE id = NEW.id)
          OR EXISTS (SELECT 1 FROM forum_logentry WHERE post_id = NEW.post_id AND version = NEW.version)
          OR EXISTS (SELECT 1 FROM forum_logentry WHERE undoes_id = NEW.undoes_id)
        BEGIN SELECT RAISE(ABORT, '{WORDS}'); END
    """,
}

# One trigger for each statement, whether or not it finds a row; ALWAYS: session_replication_role does not silence it.
POSTGRESQL = [
    f"""
        CREATE FUNCTION forum_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'restrict_violation'; END $$
    """,
    """
        CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON forum_logentry
        FOR EACH STATEMENT EXECUTE FUNCTION forum_log_is_append_only()
    """,
    "ALTER TABLE forum_logentry ENABLE ALWAYS TRIGGER log_is_append_only",
]


def put_triggers(_apps, schema_editor):
    """Make the table refuse every change of what it holds."""
    statements = list(SQLITE.values()) if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_triggers(_apps, schema_editor):
    """Take the triggers away, where they are."""
    if schema_editor.connection.vendor == "sqlite":
        for name in SQLITE:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS log_is_append_only ON forum_logentry", params=None)
        schema_editor.execute("DROP FUNCTION IF EXISTS forum_log_is_append_only()", params=None)


class Migration(migrations.Migration):
    dependencies = [("forum", "0002_shared_moderation")]

    operations = [migrations.RunPython(put_triggers, drop_triggers)]
