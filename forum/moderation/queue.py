"""Queue of waiting posts: urgent posts, all others, filters, paging. The cost does not depend on its length."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min

from forum.models import Post
from forum.models.posts import PostQuerySet
from forum.moderation import cards
from forum.moderation.filters import FilterForm, Filters, narrow
from forum.paging import Page, page_of
from forum.posts.access import MemberRequest

CARDS_PER_PAGE = 20
URGENT_SHOWN = 20
COUNT_LIMIT = 1_000


@dataclass
class Waiting:
    """Number of waiting posts (exact up to COUNT_LIMIT, only a lower bound above it) and time of the oldest, if any."""

    count: int
    oldest: datetime | None

    def __str__(self) -> str:
        if self.count > COUNT_LIMIT:
            return f"More than {COUNT_LIMIT:,} posts waiting"
        return "1 post waiting" if self.count == 1 else f"{self.count:,} posts waiting"

    @property
    def left(self) -> str:
        return f"More than {COUNT_LIMIT:,} left." if self.count > COUNT_LIMIT else f"{self.count:,} left."


@dataclass
class Queue:
    form: FilterForm
    urgent: list[cards.Card] = field(default_factory=list)
    more_urgent: bool = False
    page: Page = field(default_factory=lambda: Page([]))
    filters: Filters = field(default_factory=dict)


def urgent(filters: Filters | None = None) -> PostQuerySet:
    return cards.with_everything(narrow(Post.objects.urgent(), filters or {}))


def ordinary(filters: Filters | None = None) -> PostQuerySet:
    return cards.with_everything(narrow(Post.objects.waiting().filter(is_urgent=False), filters or {}))


def page(request: MemberRequest) -> Queue:
    form = FilterForm(request.GET)
    queue = Queue(form, filters=form.chosen())
    first = list(urgent(queue.filters)[: URGENT_SHOWN + 1])
    found = page_of(
        ordinary(queue.filters),
        request,
        by="waiting_since",
        newest_first=False,
        size=CARDS_PER_PAGE,
        keep=form.kept(),
    )
    shown = cards.cards([*first[:URGENT_SHOWN], *found.items], request.user)
    queue.more_urgent = len(first) > URGENT_SHOWN
    queue.urgent = shown[: len(first[:URGENT_SHOWN])]
    queue.page = Page(shown[len(queue.urgent) :], found.next_url, found.previous_url)
    return queue


def waiting() -> Waiting:
    """Count the waiting posts up to COUNT_LIMIT, with one query on an index for urgent posts and one for the others."""
    count, oldest = 0, []
    for is_urgent in (True, False):
        some = Post.objects.waiting().filter(is_urgent=is_urgent).only("waiting_since")[: COUNT_LIMIT + 1]
        found = some.aggregate(count=Count("pk"), oldest=Min("waiting_since"))
        count += found["count"]
        oldest += [found["oldest"]] if found["oldest"] else []
    return Waiting(count, min(oldest, default=None))
