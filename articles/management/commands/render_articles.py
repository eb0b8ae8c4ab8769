"""`manage.py render_articles`: render stored texts again after a change of markup.VERSION."""

from typing import Any

from django.core.management.base import BaseCommand

from articles.models import Article, SafetyNotice, Study, StudySection
from articles.text import rendering


class Command(BaseCommand):
    help = "Render article texts again that an older version of the sanitiser made."

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        for model in (SafetyNotice, Article, Study, StudySection):
            for row in model.objects.all():
                if rendering.fill_if_stale(row):
                    # update() instead of save(): the text has not changed, so updated_at must not change either.
                    fields = {name: getattr(row, name) for name in (*row.RENDERED.values(), "html_version")}
                    model.objects.filter(pk=row.pk).update(**fields)
                    done += 1
        self.stdout.write(f"Rendered again: {done}.")
