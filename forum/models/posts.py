"""Posts: questions and replies, in one table with one state machine (forum.states)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import slugify

from accounts.models import Contact, Credential, random_public_id, random_token
from articles.models import Article
from articles.text import markup
from forum.states import EDITABLE, WITHDRAWABLE, State

if TYPE_CHECKING:
    from accounts.models import User

MAX_LENGTH = 5_000
# Path segments after a question's id in other URLs, which a slug must not shadow.
RESERVED_SLUGS = {"reply", "follow", "answered"}
# Migrations refer to it by this name.
random_id = random_public_id


class Topic(models.Model):
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60, unique=True)
    # The physicians' specialty that usually answers it, in the words that credentials use.
    specialty = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField("offered", default=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class WaitingFor(models.TextChoices):
    COLLEAGUE = "colleague", "a colleague’s opinion"
    PHYSICIAN = "physician", "a physician’s opinion"


class PostQuerySet(models.QuerySet["Post"]):
    """Views get posts through forum.posts.access only."""

    def public(self) -> "PostQuerySet":
        """Return published posts; a reply only if its question is published too."""
        return self.filter(state=State.PUBLISHED).filter(
            models.Q(question=None) | models.Q(question__state=State.PUBLISHED)
        )

    def visible_to(self, user: Any) -> "PostQuerySet":
        if user.has_perm("forum.moderate_posts"):
            return self.all()
        if user.is_authenticated:
            public = models.Q(state=State.PUBLISHED) & (
                models.Q(question=None) | models.Q(question__state=State.PUBLISHED)
            )
            return self.filter(public | models.Q(author=user))
        return self.public()

    def questions(self) -> "PostQuerySet":
        return self.filter(kind=Post.Kind.QUESTION)

    def answers(self) -> "PostQuerySet":
        return self.exclude(credential=None)

    def waiting(self) -> "PostQuerySet":
        return self.filter(state=State.PENDING).order_by("waiting_since", "id")

    def urgent(self) -> "PostQuerySet":
        return self.waiting().filter(is_urgent=True)

    def with_people(self) -> "PostQuerySet":
        return self.select_related("author", "credential", "article", "question", "topic")

    def with_age(self) -> "PostQuerySet":
        current = models.FilteredRelation("revisions", condition=models.Q(revisions__number=models.F("revision")))
        aged = self.annotate(current_text=current, text_published_at=models.F("current_text__published_at"))
        return aged.select_related("superseded_by__question")


class Post(models.Model):
    class Kind(models.TextChoices):
        QUESTION = "question", "question"
        REPLY = "reply", "reply"

    public_id = models.CharField(max_length=12, unique=True, default=random_public_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    question = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies")

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    name = models.CharField(max_length=80)
    # The author chose not to show their name on this one: `name` says "A reader" and does not follow a new name.
    is_name_hidden = models.BooleanField(default=False, editable=False)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts")
    # The credential at the time of writing: the badge is kept when the credential lapses.
    credential = models.ForeignKey(Credential, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")

    title = models.CharField(max_length=120)
    source = models.TextField(max_length=MAX_LENGTH)
    html = models.TextField(editable=False)
    html_version = models.CharField(max_length=20, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    # Hash of the text without case, spaces and punctuation, to find duplicates.
    digest = models.CharField(max_length=64, db_index=True, editable=False)
    # Simhash to find near-duplicates (rules.fingerprint); none for short texts.
    fingerprint = models.BigIntegerField(null=True, editable=False)

    state = models.CharField(max_length=10, choices=State.choices, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it joined the queue; a returned post that is sent again keeps its place.
    waiting_since = models.DateTimeField(default=timezone.now, editable=False)
    # Wording of an emergency: on top of the queue, until it is decided.
    is_urgent = models.BooleanField(default=False, editable=False)
    waiting_for = models.CharField(max_length=10, blank=True, choices=WaitingFor.choices, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    # When the text of a rejected post or of spam was deleted; its lines in the log stay.
    purged_at = models.DateTimeField(null=True, editable=False)

    # When a physician last confirmed the answer, and the answer that supersedes it.
    reviewed_on = models.DateField(null=True, blank=True, editable=False)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes", editable=False
    )
    # A question: when its asker said that it is answered.
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # How many said "this helped": the rows are in Helped.
    helped_count = models.PositiveIntegerField(default=0, editable=False)

    # From the form: a second submit of the same form finds the first one's post.
    form_key = models.CharField(max_length=64, unique=True, default=random_token, editable=False)
    status_token = models.CharField(max_length=48, unique=True, default=random_token, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        permissions = [
            ("moderate_posts", "May decide on posts"),
            ("answer_as_physician", "May answer as a volunteer physician"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The queue: what is urgent, and everything else; by itself, and under one article.
            models.Index(
                fields=["waiting_since", "id"],
                name="post_waiting",
                condition=models.Q(state="pending", is_urgent=False),
            ),
            models.Index(
                fields=["waiting_since", "id"], name="post_urgent", condition=models.Q(state="pending", is_urgent=True)
            ),
            models.Index(
                fields=["article", "waiting_since", "id"],
                name="post_waiting_on_article",
                condition=models.Q(state="pending"),
            ),
            models.Index(
                fields=["waiting_for", "waiting_since", "id"],
                name="post_waiting_for",
                condition=models.Q(state="pending") & ~models.Q(waiting_for=""),
            ),
            models.Index(fields=["author", "state"], name="post_record"),
            # The hourly rounds: returned posts to expire, and texts to purge.
            models.Index(fields=["changed_at"], name="post_returned", condition=models.Q(state="returned")),
            models.Index(
                fields=["changed_at"],
                name="post_rejected_to_purge",
                condition=models.Q(state="rejected", purged_at=None),
            ),
            models.Index(
                fields=["changed_at"], name="post_spam_to_purge", condition=models.Q(state="spam", purged_at=None)
            ),
            models.Index(
                fields=["changed_at"],
                name="post_withdrawn_to_purge",
                condition=models.Q(state="withdrawn", purged_at=None),
            ),
            models.Index(
                fields=["article", "published_at", "id"], name="post_on_article", condition=models.Q(state="published")
            ),
            models.Index(
                fields=["topic", "published_at", "id"], name="post_on_topic", condition=models.Q(state="published")
            ),
            models.Index(
                fields=["question", "published_at"], name="post_replies", condition=models.Q(state="published")
            ),
            models.Index(fields=["article", "-changed_at"], name="post_last_change"),
            models.Index(
                fields=["kind", "published_at", "id"], name="post_by_date", condition=models.Q(state="published")
            ),
            # Physicians' answers, newest first: what may be related to a new question.
            models.Index(
                fields=["-published_at", "-id"],
                name="post_answers",
                condition=models.Q(state="published", kind="reply", credential__isnull=False),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(kind="question", question=None) | models.Q(kind="reply", question__isnull=False),
                name="post_reply_has_question",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    def get_absolute_url(self) -> str:
        page = reverse("forum:question", args=[self.thread.public_id, self.thread.slug])
        return page if self.question_id is None else f"{page}#post-{self.public_id}"

    @property
    def body(self) -> SafeString:
        return markup.trusted(self.html)

    @property
    def is_public(self) -> bool:
        return self.state == State.PUBLISHED and (self.question is None or self.question.state == State.PUBLISHED)

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @property
    def is_answer(self) -> bool:
        return self.credential_id is not None

    @property
    def is_superseded(self) -> bool:
        return self.superseded_by is not None and self.superseded_by.is_public

    @property
    def corrected_at(self) -> datetime | None:
        """When the present text replaced an earlier public one; needs with_age()."""
        at: datetime | None = getattr(self, "text_published_at", None)
        return at if at and self.published_at and at > self.published_at else None

    @property
    def is_withdrawable(self) -> bool:
        return self.state in WITHDRAWABLE

    @property
    def thread(self) -> "Post":
        return self.question or self

    @property
    def slug(self) -> str:
        """Readable end of the URL, ignored when the post is looked up."""
        slug = slugify(self.title)[:60].strip("-")
        return "question" if slug in {"", *RESERVED_SLUGS} else slug

    def get_status_url(self) -> str:
        return reverse("forum:status", args=[self.status_token])

    def written_by(self, user: "User | Any") -> bool:
        return bool(user.is_authenticated and self.author_id == user.pk)
