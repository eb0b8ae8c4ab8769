"""Public threads in a constant number of queries for any number of posts (DESIGN 4, promise 6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Case, Count, F, IntegerField, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Credential
from articles.models import Article
from articles.text import markup
from forum.models import Post
from forum.models.posts import PostQuerySet
from forum.paging import Page, page_of
from forum.states import State

QUESTIONS_PER_PAGE = 10
REPLIES_PER_QUESTION = 3
REPLIES_PER_PAGE = 30
PINNED_REPLIES = 20
SETTLED_AFTER = timedelta(seconds=5)


@dataclass
class Thread:
    question: Post
    replies: list[Post] = field(default_factory=list)
    reply_count: int = 0

    @property
    def more(self) -> int:
        return self.reply_count - len(self.replies)


def on_article(article: Article, request: HttpRequest) -> Page:
    return threads(Post.objects.public().filter(article=article), request, anchor="#discussion")


def threads(posts: PostQuerySet, request: HttpRequest, *, anchor: str = "") -> Page:
    page = page_of(
        posts.questions().with_people().with_age(),
        request,
        order=("-published_at", "-id"),
        size=QUESTIONS_PER_PAGE,
        anchor=anchor,
    )
    return Page(with_replies(page.items), page.next_url, page.previous_url)


def with_replies(questions: list[Post]) -> list[Thread]:
    """Return up to three replies for each question; one query for them, and one about lapsed credentials."""
    found = {question.pk: Thread(question) for question in questions}
    partition = [F("question_id")]
    order = [_pinned_first(), F("published_at").asc(), F("id").asc()]
    ranked = (
        Post.objects.public()
        .filter(question__in=found)
        .with_age()
        .annotate(
            rank=Window(RowNumber(), partition_by=partition, order_by=order),
            total=Window(Count("id"), partition_by=partition),
        )
        .filter(rank__lte=REPLIES_PER_QUESTION)
        .select_related("author", "credential")
        .order_by("question_id", "rank")
    )
    replies = list(ranked) if found else []
    _mark_verified_authors(replies)
    for reply in replies:
        thread = found[reply.question_id or 0]
        reply.question = thread.question
        thread.replies.append(reply)
        thread.reply_count = reply.total
    return list(found.values())


def replies_to(question: Post, request: HttpRequest) -> tuple[list[Post], Page]:
    """Return at most PINNED_REPLIES physicians' replies, and a page of readers' replies; two or three queries."""
    public = Post.objects.public().filter(question=question).with_people().with_age()
    pinned = list(public.exclude(credential=None).order_by("published_at", "id")[:PINNED_REPLIES])
    _mark_verified_authors(pinned)
    readers = page_of(
        public.filter(credential=None),
        request,
        order=("published_at", "id"),
        size=REPLIES_PER_PAGE,
        anchor="#replies",
    )
    return pinned, readers


def version(article: Article) -> str | None:
    """Return a cache key of the discussion under the article; reads one row of an index.

    None within SETTLED_AFTER of a change: an earlier transaction may still commit with an older `changed_at`, which
    would not change the key.
    """
    newest = Post.objects.filter(article=article).order_by("-changed_at")
    changed = newest.values_list("changed_at", flat=True).first()
    if changed is None:
        return "empty"
    if timezone.now() - changed < SETTLED_AFTER:
        return None
    # With the date, because credentials lapse at midnight and the badges show it.
    return f"{changed.isoformat()} {markup.VERSION} {timezone.localdate()}"


def _pinned_first() -> Case:
    public = {"superseded_by__state": State.PUBLISHED, "superseded_by__question__state": State.PUBLISHED}
    places = (When(credential=None, then=Value(2)), When(**public, then=Value(1)))
    return Case(*places, default=Value(0), output_field=IntegerField())


def _mark_verified_authors(posts: Iterable[Post]) -> None:
    """The badge says "no longer in force" only if the author has not renewed the credential; at most one query."""
    lapsed = [post for post in posts if post.credential and not post.credential.is_in_force]
    if not lapsed:
        return
    verified = Credential.objects.in_force().filter(user__in={post.author_id for post in lapsed})
    renewed = set(verified.values_list("user_id", flat=True))
    for post in lapsed:
        post.is_author_verified = post.author_id in renewed  # type: ignore[attr-defined] # set for the page, not a column
