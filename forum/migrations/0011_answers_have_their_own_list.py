"""Physicians' answers get a list beside readers' replies: who had stopped both under one name has stopped both still."""

from typing import Any

from django.conf import settings
from django.db import migrations, models

BATCH = 1_000


def stop_answers_too(apps: Any, schema_editor: Any) -> None:
    """Copy each ended list of replies, which meant answers as well."""
    subscriptions = apps.get_model("forum", "Subscription").objects
    lists = {"post": None, "article": None, "topic": None}
    ended = subscriptions.filter(kind="replies", ended_at__isnull=False, **lists)
    model = subscriptions.model
    batch: list[Any] = []
    for row in ended.order_by("pk").iterator(chunk_size=BATCH):
        batch.append(model(contact_id=row.contact_id, kind="answers", created_at=row.created_at, ended_at=row.ended_at))
    subscriptions.bulk_create(batch, batch_size=BATCH, ignore_conflicts=True)


def forget_the_list(apps: Any, schema_editor: Any) -> None:
    """Leave the one list of replies, which means answers as well."""
    apps.get_model("forum", "Subscription").objects.filter(kind="answers").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_mails_without_text"),
        ("forum", "0010_what_is_followed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="deskquestion",
            index=models.Index(
                condition=models.Q(("claimed_until__isnull", False)), fields=["claimed_until"], name="desk_claimed"
            ),
        ),
        migrations.RunPython(stop_answers_too, forget_the_list),
    ]
