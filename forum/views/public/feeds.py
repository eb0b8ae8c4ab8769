"""Atom feed of published questions, and the sitemap."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from accounts.models import Credential
from articles.models import Article
from articles.text.plain import post_text
from forum.models import Post
from forum.physicians import directory

FEED_LIMIT = 30
MAP_LIMIT = 5_000


class QuestionsFeed(Feed):
    feed_type = Atom1Feed
    title = "Questions about hereditary spastic paraplegia"
    link = "/questions/"
    subtitle = "The newest questions that readers asked."

    def items(self) -> QuerySet[Post]:
        return Post.objects.public().questions().order_by("-published_at", "-id")[:FEED_LIMIT]

    def item_title(self, item: Post) -> str:
        return item.title

    def item_description(self, item: Post) -> str:
        return post_text(item.html)[:300]

    def item_pubdate(self, item: Post) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        return item.changed_at


class QuestionMap(Sitemap):
    limit = MAP_LIMIT

    def items(self) -> QuerySet[Post]:
        return Post.objects.public().questions().order_by("-published_at", "-id")

    def lastmod(self, item: Post) -> datetime:
        return item.changed_at


class ArticleMap(Sitemap):
    def items(self) -> QuerySet[Article]:
        return Article.objects.visible_to(AnonymousUser()).order_by("-published_at")

    def lastmod(self, item: Article) -> datetime:
        return item.updated_at


class PhysicianMap(Sitemap):
    limit = MAP_LIMIT

    def items(self) -> QuerySet[Credential]:
        return directory.shown().order_by("full_name", "pk")

    def location(self, item: Credential) -> str:
        return reverse("forum:physician", args=[item.public_id])


class PageMap(Sitemap):
    def items(self) -> list[str]:
        return ["forum:physicians", "forum:privacy", "forum:numbers"]

    def location(self, item: str) -> str:
        return reverse(item)


SITEMAPS = {"articles": ArticleMap, "questions": QuestionMap, "physicians": PhysicianMap, "pages": PageMap}
