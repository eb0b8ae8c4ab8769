"""The desk reads its lists in the order of an index, one state at a time; physicians' answers are found by theirs."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_public_ids_are_required"),
        ("articles", "0001_initial"),
        ("forum", "0007_index_for_withdrawn_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="deskquestion",
            name="desk_open",
        ),
        migrations.AddIndex(
            model_name="deskquestion",
            index=models.Index(
                fields=["state", "-is_urgent", "-is_asked_for", "waiting_since", "id"], name="desk_by_state"
            ),
        ),
        migrations.AddIndex(
            model_name="deskquestion",
            index=models.Index(fields=["state", "-waiting_since", "-id"], name="desk_by_date"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("credential__isnull", False), ("kind", "reply"), ("state", "published")),
                fields=["-published_at", "-id"],
                name="post_answers",
            ),
        ),
    ]
