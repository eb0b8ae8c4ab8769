"""Articles and safety notices."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from articles.models.base import Rendered, source_field
from articles.text import markup

if TYPE_CHECKING:
    from articles.models.studies import Study


class SafetyNotice(Rendered):
    RENDERED = {"body_source": "body_html"}

    key = models.SlugField(unique=True, help_text="What the content files call this notice.")
    title = models.CharField(max_length=120)
    body_source = source_field("text")
    body_html = models.TextField(blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_by_staff_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return self.title

    @property
    def body(self) -> SafeString:
        return markup.trusted(self.body_html)


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user: Any) -> "ArticleQuerySet":
        if user.is_staff and user.has_perm("articles.change_article"):
            return self
        return self.published()

    def published(self) -> "ArticleQuerySet":
        return self.filter(status=Article.Status.PUBLISHED, published_at__lte=timezone.now())

    def unpublished(self) -> "ArticleQuerySet":
        return self.exclude(status=Article.Status.PUBLISHED, published_at__lte=timezone.now())

    def newest_first(self) -> "ArticleQuerySet":
        return self.order_by("-published_at", "-pk")

    def with_notice(self) -> "ArticleQuerySet":
        return self.select_related("safety_notice")


class Article(Rendered):
    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    RENDERED = {"in_short_source": "in_short_html", "introduction_source": "introduction_html"}

    slug = models.SlugField(max_length=120, unique=True, help_text="The last part of the article's address.")
    title = models.CharField(max_length=200)
    standfirst = models.TextField(blank=True, help_text="One or two sentences under the title. No formatting.")
    in_short_source = source_field("in short", blank=True)
    in_short_html = models.TextField(blank=True, editable=False)
    introduction_source = source_field("introduction", blank=True)
    introduction_html = models.TextField(blank=True, editable=False)
    safety_notice = models.ForeignKey(
        SafetyNotice, null=True, blank=True, on_delete=models.PROTECT, related_name="articles"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # What load_articles last wrote, and whether staff have changed the article since.
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    edited_by_staff_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="article_published_has_date",
                condition=Q(status="draft") | Q(published_at__isnull=False),
                violation_error_message="A published article needs its date of publication.",
            ),
        ]
        indexes = [models.Index(fields=["status", "-published_at"], name="article_newest")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.status == self.Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()

    def get_absolute_url(self) -> str:
        return reverse("articles:detail", args=[self.slug])

    @property
    def in_short(self) -> SafeString:
        return markup.trusted(self.in_short_html)

    @property
    def introduction(self) -> SafeString:
        return markup.trusted(self.introduction_html)

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT or self.published_at is None or self.published_at > timezone.now()

    @property
    def was_updated(self) -> bool:
        return self.published_at is not None and self.updated_at - self.published_at > timedelta(days=1)

    @cached_property
    def studies_in_full(self) -> "list[Study]":
        """Return studies with everything that the page shows, in seven queries for any number of studies."""
        parts = ("sections", "comparisons", "flow_steps", "commentaries", "authors__affiliations")
        return list(self.studies.prefetch_related(*parts))

    @property
    def cache_key(self) -> str:
        return "|".join(self.etag_parts())

    def etag_parts(self) -> tuple[str, ...]:
        """Return everything on which the article's part of the page depends. No query if safety_notice is loaded."""
        notice = self.safety_notice
        times = [self.updated_at, notice.updated_at if notice else None]
        return (self.slug, self.status, *(time.isoformat() if time else "" for time in times), markup.VERSION)
