"""Who wanted no mail about replies wants none about physicians' answers either, now that these have a list of their own."""

from django.db import migrations

from accounts.models import random_token


def stop_answers_too(apps, _schema_editor):
    """Copy each ended list of replies."""
    subscription = apps.get_model("forum", "Subscription")
    for row in subscription.objects.filter(kind="replies", post=None).exclude(ended_at=None).iterator():
        subscription.objects.get_or_create(
            contact_id=row.contact_id,
            kind="answers",
            post=None,
            defaults={"ended_at": row.ended_at, "token": random_token()},
        )


class Migration(migrations.Migration):
    dependencies = [("forum", "0009_mail_that_is_gathered")]

    operations = [migrations.RunPython(stop_answers_too, migrations.RunPython.noop)]
