"""Articles, and the safety notices that stand beside them."""

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
    """A box that must not be missed, for example that baclofen is not stopped suddenly. Staff may edit it."""

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
        """The text as HTML."""
        return markup.trusted(self.body_html)


class ArticleQuerySet(models.QuerySet["Article"]):
    """Questions that views ask of articles."""

    def visible_to(self, user: Any) -> "ArticleQuerySet":
        """Published articles for everybody, all for staff who may change articles."""
        if user.is_staff and user.has_perm("articles.change_article"):
            return self
        return self.published()

    def published(self) -> "ArticleQuerySet":
        """What everybody may read: an article with a date that has come."""
        return self.filter(status=Article.Status.PUBLISHED, published_at__lte=timezone.now())

    def unpublished(self) -> "ArticleQuerySet":
        """Drafts, and what will be published later."""
        return self.exclude(status=Article.Status.PUBLISHED, published_at__lte=timezone.now())

    def newest_first(self) -> "ArticleQuerySet":
        """By date of publication."""
        return self.order_by("-published_at", "-pk")

    def with_notice(self) -> "ArticleQuerySet":
        """With the safety notice in the same query."""
        return self.select_related("safety_notice")


class Article(Rendered):
    """An article: what one or more studies found, in plain words."""

    class Status(models.TextChoices):
        """Whether everybody may read it."""

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
        """An editor who publishes without a date means now."""
        if self.status == self.Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()

    def get_absolute_url(self) -> str:
        """Where the article stands."""
        return reverse("articles:detail", args=[self.slug])

    @property
    def in_short(self) -> SafeString:
        """The key points as HTML."""
        return markup.trusted(self.in_short_html)

    @property
    def introduction(self) -> SafeString:
        """The introduction as HTML."""
        return markup.trusted(self.introduction_html)

    @property
    def is_draft(self) -> bool:
        """Whether only editors see it, as yet."""
        return self.status == self.Status.DRAFT or self.published_at is None or self.published_at > timezone.now()

    @property
    def was_updated(self) -> bool:
        """Whether it changed noticeably later than it was published."""
        return self.published_at is not None and self.updated_at - self.published_at > timedelta(days=1)

    @cached_property
    def studies_in_full(self) -> "list[Study]":
        """The studies with all that the page shows of them, in seven queries however many there are."""
        parts = ("sections", "comparisons", "flow_steps", "commentaries", "authors__affiliations")
        return list(self.studies.prefetch_related(*parts))

    @property
    def cache_key(self) -> str:
        """Names the page's HTML in a cache: it changes with whatever the article's own part of the page depends on."""
        return "|".join(self.etag_parts())

    def etag_parts(self) -> tuple[str, ...]:
        """What the article's own part of the page depends on. Costs no query when safety_notice is loaded."""
        notice = self.safety_notice
        times = [self.updated_at, notice.updated_at if notice else None]
        return (self.slug, self.status, *(time.isoformat() if time else "" for time in times), markup.VERSION)
