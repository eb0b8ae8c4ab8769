"""An index for the questions on one topic, newest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forum", "0011_answers_have_their_own_list")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("state", "published")),
                fields=["topic", "published_at", "id"],
                name="post_on_topic",
            ),
        )
    ]
