"""What waits for a moderator: what is urgent, and everything else, oldest first, at the same cost for any number."""

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
COUNTED = 1_000


@dataclass
class Waiting:
    """How many posts wait, counted to a little over COUNTED, and since when the oldest does (None: none waits)."""

    count: int
    oldest: datetime | None

    def __str__(self) -> str:
        if self.count > COUNTED:
            return f"More than {COUNTED:,} posts wait"
        return "1 post waits" if self.count == 1 else f"{self.count:,} posts wait"

    @property
    def left(self) -> str:
        """What is announced after a decision."""
        return f"More than {COUNTED:,} left." if self.count > COUNTED else f"{self.count:,} left."


@dataclass
class Queue:
    """One page of the queue: the urgent cards, the page of the others, and what was asked for."""

    form: FilterForm
    urgent: list[cards.Card] = field(default_factory=list)
    more_urgent: bool = False
    page: Page = field(default_factory=lambda: Page([]))
    filters: Filters = field(default_factory=dict)


def urgent(filters: Filters | None = None) -> PostQuerySet:
    """Return what waits and may not wait, oldest first."""
    return cards.with_everything(narrow(Post.objects.urgent(), filters or {}))


def ordinary(filters: Filters | None = None) -> PostQuerySet:
    """Return everything else that waits, oldest first."""
    return cards.with_everything(narrow(Post.objects.waiting().filter(is_urgent=False), filters or {}))


def page(request: MemberRequest) -> Queue:
    """Return one page of the queue; a constant number of queries however many wait or are shown."""
    form = FilterForm(request.GET)
    queue = Queue(form, filters=form.chosen())
    first = list(urgent(queue.filters)[: URGENT_SHOWN + 1])
    found = page_of(
        ordinary(queue.filters),
        request,
        order=("waiting_since", "id"),
        size=CARDS_PER_PAGE,
        keep=form.kept(),
    )
    shown = cards.cards([*first[:URGENT_SHOWN], *found.items], request.user)
    queue.more_urgent = len(first) > URGENT_SHOWN
    queue.urgent = shown[: len(first[:URGENT_SHOWN])]
    queue.page = Page(shown[len(queue.urgent) :], found.next_url, found.previous_url)
    return queue


def waiting() -> Waiting:
    """Count what waits, as far as COUNTED; one short query for each lane, on its own index."""
    count, oldest = 0, []
    for is_urgent in (True, False):
        some = Post.objects.waiting().filter(is_urgent=is_urgent).only("waiting_since")[: COUNTED + 1]
        found = some.aggregate(count=Count("pk"), oldest=Min("waiting_since"))
        count += found["count"]
        oldest += [found["oldest"]] if found["oldest"] else []
    return Waiting(count, min(oldest, default=None))
