"""`manage.py render_posts`: render posts again after a change of the sanitiser, from the stored source."""

from typing import Any

from django.core.management.base import BaseCommand

from articles.text import markup
from forum.models import Post


class Command(BaseCommand):
    help = "Render again the posts whose stored HTML is of an older version of the sanitiser."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for post in Post.objects.exclude(html_version=markup.VERSION).only("pk", "source").iterator(chunk_size=200):
            Post.objects.filter(pk=post.pk).update(html=markup.render(post.source), html_version=markup.VERSION)
            count += 1
        self.stdout.write(f"{count} posts rendered.")
