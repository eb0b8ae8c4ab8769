"""Brings what was there before in line: which texts were public, where questions stand with physicians; first topics.

In this order as in forum.posts.question_status: answered once a physician's reply is public.
"""

from django.db import migrations
from django.db.models import F

# slug, name, the specialty that usually answers it
TOPICS = [
    ("baclofen-and-pumps", "Baclofen, by tablets or pump", "Neurology"),
    ("other-medicines", "Other medicines", "Neurology"),
    ("walking-and-exercise", "Walking, exercise and aids", "Physical and rehabilitation medicine"),
    ("bladder-and-bowel", "Bladder and bowel", "Urology"),
    ("genetics-and-family", "Genes and family", "Human genetics"),
    ("pain-and-sleep", "Pain and sleep", "Pain medicine"),
    ("daily-life", "Daily life and work", ""),
]


def bring_in_line(apps, _schema_editor):
    """Write what the new tables would hold had they been there from the start."""
    topic = apps.get_model("forum", "Topic")
    for position, (slug, name, specialty) in enumerate(TOPICS, start=1):
        topic.objects.get_or_create(
            slug=slug, defaults={"name": name, "specialty": specialty, "position": position * 10}
        )
    revision = apps.get_model("forum", "Revision")
    post = apps.get_model("forum", "Post")
    public = revision.objects.filter(post__state="published", number=F("post__revision"), published_at=None)
    for row in public.select_related("post").iterator():
        row.published_at = row.post.published_at
        row.save(update_fields=["published_at"])
    desk = apps.get_model("forum", "DeskQuestion")
    answered = set(
        post.objects.filter(kind="reply", state="published")
        .exclude(credential=None)
        .values_list("question_id", flat=True)
    )
    desk.objects.bulk_create(
        [
            desk(
                question_id=pk,
                state="answered" if pk in answered else "waiting",
                waiting_since=since,
            )
            for pk, since in post.objects.filter(kind="question", state="published").values_list("pk", "published_at")
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("forum", "0005_physicians_and_answers")]

    operations = [migrations.RunPython(bring_in_line, migrations.RunPython.noop)]
