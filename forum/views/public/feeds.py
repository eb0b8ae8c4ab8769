"""The Atom feed of published questions, and the site map."""

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

NEWEST = 30
MAP_LIMIT = 5_000


class QuestionsFeed(Feed):
    """The newest published questions: title and beginning of the text."""

    feed_type = Atom1Feed
    title = "Questions about hereditary spastic paraplegia"
    link = "/questions/"
    subtitle = "The newest questions that readers asked."

    def items(self) -> QuerySet[Post]:
        """Return what everybody may read."""
        return Post.objects.public().questions().order_by("-published_at", "-id")[:NEWEST]

    def item_title(self, item: Post) -> str:
        """Return the question's title."""
        return item.title

    def item_description(self, item: Post) -> str:
        """Return the beginning of the question as plain text."""
        return post_text(item.html)[:300]

    def item_pubdate(self, item: Post) -> datetime | None:
        """Return when it was published."""
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        """Return when it last changed."""
        return item.changed_at


class QuestionMap(Sitemap):
    """Published questions for search engines."""

    limit = MAP_LIMIT

    def items(self) -> QuerySet[Post]:
        """Return what everybody may read."""
        return Post.objects.public().questions().order_by("-published_at", "-id")

    def lastmod(self, item: Post) -> datetime:
        """Return when it last changed."""
        return item.changed_at


class ArticleMap(Sitemap):
    """Published articles for search engines."""

    def items(self) -> QuerySet[Article]:
        """Return the articles, newest first."""
        return Article.objects.visible_to(AnonymousUser()).order_by("-published_at")

    def lastmod(self, item: Article) -> datetime:
        """Return when it last changed."""
        return item.updated_at


class PhysicianMap(Sitemap):
    """The verified physicians' public pages for search engines."""

    limit = MAP_LIMIT

    def items(self) -> QuerySet[Credential]:
        """Return whom the public list shows."""
        return directory.shown().order_by("full_name", "pk")

    def location(self, item: Credential) -> str:
        """Return the address of the person's public page."""
        return reverse("forum:physician", args=[item.public_id])


class PageMap(Sitemap):
    """Public pages that are neither article nor question."""

    def items(self) -> list[str]:
        """Return the names of their addresses."""
        return ["forum:physicians", "forum:privacy", "forum:numbers"]

    def location(self, item: str) -> str:
        """Return the address of the page."""
        return reverse(item)


SITEMAPS = {"articles": ArticleMap, "questions": QuestionMap, "physicians": PhysicianMap, "pages": PageMap}
