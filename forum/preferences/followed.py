"""Followed questions, articles and topics, newest first, with keyset pagination; without those that bring no news."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest

from articles.models import Article
from forum.models import Subscription
from forum.models.mail import SubscriptionQuerySet
from forum.preferences.mailbox import Mailbox
from forum.states import FINAL, State

PER_PAGE = 30
FIELD = "follow-"
HIDDEN_TITLE = "A question that is not public"


@dataclass(frozen=True)
class Followed:
    """One page of what is followed; `next_url` leads to older ones."""

    rows: list[Subscription]
    next_url: str = ""
    is_first: bool = True


def page_of(mailbox: Mailbox, request: HttpRequest) -> Followed:
    """Return the page that `?after=<number>` begins; of somebody else's number it is a 404."""
    rows = _worth_showing(mailbox)
    after = request.GET.get("after", "")
    if after:
        rows = rows.filter(pk__lt=_own(mailbox, after))
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    more = f"?after={found[PER_PAGE - 1].pk}#followed" if len(found) > PER_PAGE else ""
    return Followed(found[:PER_PAGE], more, is_first=not after)


def posted(mailbox: Mailbox, data: Any) -> list[Subscription]:
    """Return those of the person's own that the form asks about: the page may have moved on since it was shown."""
    numbers = [name.removeprefix(FIELD) for name in data if name.startswith(FIELD)]
    mine = [int(number) for number in numbers if _is_number(number)][: PER_PAGE + 1]
    return list(_worth_showing(mailbox).filter(pk__in=mine).order_by("-pk"))


def _own(mailbox: Mailbox, after: str) -> int:
    if not _is_number(after) or not mailbox.followed.filter(pk=int(after)).exists():
        raise Http404
    return int(after)


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdigit() and len(words) < 19


def _worth_showing(mailbox: Mailbox) -> SubscriptionQuerySet:
    """Return what may bring news, or may be taken up again: what is public, and questions that still wait."""
    question = Q(post__state=State.PUBLISHED) | (Q(ended_at=None, post__isnull=False) & ~Q(post__state__in=FINAL))
    rows = mailbox.followed.filter(question | Q(article__in=Article.objects.published()) | Q(topic__isnull=False))
    return rows.select_related("post", "article", "topic")


def title_of(row: Subscription, mailbox: Mailbox) -> str:
    """Return what is followed in its own words; a question's only while everybody, or its author, may read it."""
    if row.post is not None:
        own = mailbox.user is not None and row.post.author_id == mailbox.user.pk
        return row.post.title if row.post.is_public or own else HIDDEN_TITLE
    return str(row.article.title if row.article else row.topic)
