"""What became of the posts that members wrote before: counts that stay cheap for whoever wrote thousands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, OuterRef, Subquery

from accounts.models import User
from forum.models import Post, Report
from forum.states import State

# Counted so far and no further; whoever has a hundred of anything is well known.
MOST = 100


@dataclass(frozen=True)
class Record:
    """How many posts of a member stand in each state, and how many reports their public posts have had."""

    states: dict[str, int] = field(default_factory=dict)
    reports: int = 0

    @property
    def words(self) -> list[str]:
        """The record as people read it, such as “3 published”."""
        said = [f"{_number(count)} {State(state).label}" for state, count in sorted(self.states.items()) if count]
        if self.reports:
            said.append(f"{_number(self.reports)} {'report' if self.reports == 1 else 'reports'} on their posts")
        return said


class _CountUpToMost(Subquery):
    """Counts the rows of a queryset, and stops at MOST."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()

    def __init__(self, queryset: Any) -> None:
        super().__init__(queryset.order_by().values("pk")[:MOST])


def records(authors: Iterable[int]) -> dict[int, Record]:
    """Return the record of each member, by their number; one query."""
    posts = Post.objects.filter(author=OuterRef("pk"))
    counted = {state.value: _CountUpToMost(posts.filter(state=state)) for state in State}
    seen = Post.objects.filter(author=OuterRef(OuterRef("pk")), state__in=[State.PUBLISHED, State.REMOVED])
    public = seen.order_by().values("pk")[:MOST]
    reports = Report.objects.filter(post__in=public)
    rows = User.objects.filter(pk__in=authors).annotate(**counted, reports_on_posts=_CountUpToMost(reports))
    return {
        row["pk"]: Record({state: row[state] for state in counted}, row["reports_on_posts"])
        for row in rows.values("pk", *counted, "reports_on_posts")
    }


def _number(count: int) -> str:
    return f"{MOST} or more" if count >= MOST else str(count)
