"""The hourly round finds withdrawn posts whose text is to be deleted by an index, as it finds rejected ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0006_what_is_already_public")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("purged_at", None), ("state", "withdrawn")),
                fields=["changed_at"],
                name="post_withdrawn_to_purge",
            ),
        ),
    ]
