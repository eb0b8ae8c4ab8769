"""Public ids of credentials are required from here on."""

from django.db import migrations, models

import accounts.models.people


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_public_ids")]

    operations = [
        migrations.AlterField(
            model_name="credential",
            name="public_id",
            field=models.CharField(
                default=accounts.models.people.random_public_id, editable=False, max_length=12, unique=True
            ),
        ),
    ]
