"""Gives each credential that was there already a public id of its own: the default would be one for all of them."""

from django.db import migrations

import accounts.models.people


def fill(apps, _schema_editor):
    """Write an id to every row without one."""
    credentials = apps.get_model("accounts", "Credential")
    for row in credentials.objects.all():
        row.public_id = accounts.models.people.random_public_id()
        row.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_recognition_and_erasure")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
