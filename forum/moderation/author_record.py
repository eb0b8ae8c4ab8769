"""Track records of authors: their posts by state and the reports on them, counted up to COUNT_LIMIT."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import IntegerField, OuterRef, Subquery

from accounts.models import User
from forum.models import Post, Report
from forum.states import State

# Upper bound of the counts, so that they stay cheap for members with thousands of posts.
COUNT_LIMIT = 100


@dataclass(frozen=True)
class Record:
    states: dict[str, int] = field(default_factory=dict)
    reports: int = 0

    @property
    def words(self) -> list[str]:
        words = [f"{_number(count)} {State(state).label}" for state, count in sorted(self.states.items()) if count]
        if self.reports:
            words.append(f"{_number(self.reports)} {'report' if self.reports == 1 else 'reports'} on their posts")
        return words


class _LimitedCount(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()

    def __init__(self, queryset: Any) -> None:
        super().__init__(queryset.order_by().values("pk")[:COUNT_LIMIT])


def records(authors: Iterable[int]) -> dict[int, Record]:
    posts = Post.objects.filter(author=OuterRef("pk"))
    counted = {state.value: _LimitedCount(posts.filter(state=state)) for state in State}
    seen = Post.objects.filter(author=OuterRef(OuterRef("pk")), state__in=[State.PUBLISHED, State.REMOVED])
    public = seen.order_by().values("pk")[:COUNT_LIMIT]
    reports = Report.objects.filter(post__in=public)
    rows = User.objects.filter(pk__in=authors).annotate(**counted, reports_on_posts=_LimitedCount(reports))
    return {
        row["pk"]: Record({state: row[state] for state in counted}, row["reports_on_posts"])
        for row in rows.values("pk", *counted, "reports_on_posts")
    }


def _number(count: int) -> str:
    return f"{COUNT_LIMIT} or more" if count >= COUNT_LIMIT else str(count)
