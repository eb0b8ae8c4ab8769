"""`manage.py render_articles`: render stored texts again after markup.VERSION has changed."""

from typing import Any

from django.core.management.base import BaseCommand

from articles.models import Article, SafetyNotice, Study, StudySection
from articles.text import rendering


class Command(BaseCommand):
    """Renders what an older version of the sanitiser made. Nothing is done to the rest, so it may be repeated."""

    help = "Render article texts again that an older version of the sanitiser made."

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through all rows with formatted text."""
        done = 0
        for model in (SafetyNotice, Article, Study, StudySection):
            for row in model.objects.all():
                if rendering.fill_if_stale(row):
                    # Not through save(): the text itself has not changed, and so neither has its date.
                    fields = {name: getattr(row, name) for name in (*row.RENDERED.values(), "html_version")}
                    model.objects.filter(pk=row.pk).update(**fields)
                    done += 1
        self.stdout.write(f"Rendered again: {done}.")
