"""Followed questions, articles and topics, newest first, with keyset pagination; without those that bring no news."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from articles.models import Article
from forum import paging
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet
from forum.paging import Key, Page, is_number
from forum.preferences.mailbox import Mailbox
from forum.states import FINAL, State

PER_PAGE = 30
FIELD = "follow-"
HIDDEN_TITLE = "A question that is not public"


def page_of(mailbox: Mailbox, request: HttpRequest) -> Page:
    return paging.page_of(
        _worth_showing(mailbox),
        request,
        order=("-id",),
        size=PER_PAGE,
        key=Key("id", "after"),
        among=mailbox.followed,
        anchor="#followed",
    )


def posted(mailbox: Mailbox, data: Any) -> list[Subscription]:
    """Return only the person's own; the page may have changed since it was shown."""
    numbers = [name.removeprefix(FIELD) for name in data if name.startswith(FIELD)]
    mine = [int(number) for number in numbers if is_number(number)][: PER_PAGE + 1]
    return list(_worth_showing(mailbox).filter(pk__in=mine).order_by("-pk"))


def _worth_showing(mailbox: Mailbox) -> SubscriptionQuerySet:
    question = Q(post__state=State.PUBLISHED) | (Q(ended_at=None, post__isnull=False) & ~Q(post__state__in=FINAL))
    rows = mailbox.followed.filter(question | Q(article__in=Article.objects.published()) | Q(topic__isnull=False))
    return rows.select_related("post", "article", "topic")


def title_of(row: Subscription, mailbox: Mailbox) -> str:
    """Return a question's own words only while everybody, or its author, may read it."""
    if row.post is not None:
        own = mailbox.user is not None and row.post.author_id == mailbox.user.pk
        return row.post.title if row.post.is_public or own else HIDDEN_TITLE
    return str(row.article.title if row.article else row.topic)
