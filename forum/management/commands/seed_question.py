"""`manage.py seed_question`: load the first reader's question for development. Running it again changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from articles.models import Article
from forum.posts import submit, transitions
from forum.states import Move, State

ARTICLE = "intrathecal-vs-oral-baclofen"
NAME = "A reader"
# The reader's own words, as they were written.
TEXT = (
    "Hi I am a 60 year old male and I have been diagnosed with HSP about 2half years ago . I was wondering if is "
    "better to have a pump or just take take tablets ? As my doctor is wanting me to get pump ?"
)


class Command(BaseCommand):
    help = "Load the first reader's question under the first article (only when DEBUG is true)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("The demo question is loaded only when DEBUG is true.")
        article = Article.objects.filter(slug=ARTICLE).first()
        if article is None:
            raise CommandError("Load the article first: manage.py load_articles")
        draft = submit.Draft(text=TEXT, form_key="seed-question", name=NAME, article=article)
        with transaction.atomic():
            post = submit.submit(draft)
            if post.state == State.PENDING and post.version == 1:
                transitions.move(
                    post, Move.PUBLISH, actor=None, version=post.version, reason="Loaded with the article."
                )
        self.stdout.write("The first question is loaded.")
