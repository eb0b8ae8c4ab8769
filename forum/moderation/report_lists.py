"""Readers' reports as shown to moderators."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Min, Q

from articles.text.markup import mask
from forum.models import Post, Report
from forum.states import State

Outcome = Report.Outcome
POSTS_SHOWN = 50


@dataclass(frozen=True)
class Record:
    upheld: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Line:
    """One report. `reader` numbers the readers within the list, so that moderators never learn who sent it."""

    report: Report
    reader: int
    record: Record

    @property
    def note(self) -> str:
        return mask(self.report.note)


@dataclass
class Reported:
    post: Post
    counted: int  # without reports by muted readers
    since: object
    lines: list[Line] = field(default_factory=list)


def to_review() -> list[Reported]:
    """Return published posts with open reports, most reported first, then oldest; at most 50, in four queries.

    Posts hidden after reports are in the queue instead.
    """
    open_ones = Report.objects.filter(outcome=Outcome.OPEN, post__state=State.PUBLISHED)
    counted = Count("id", filter=Q(is_counted=True))
    rows = open_ones.values("post").annotate(counted=counted, since=Min("created_at"))
    rows = rows.order_by("-counted", "since", "post")[:POSTS_SHOWN]
    by_post = {row["post"]: row for row in rows}
    posts = Post.objects.with_people().in_bulk(by_post)
    found = {pk: Reported(posts[pk], row["counted"], row["since"]) for pk, row in by_post.items()}
    for line in lines(open_ones.filter(post__in=found).order_by("id")):
        found[line.report.post_id].lines.append(line)
    return list(found.values())


def lines(reports: Iterable[Report]) -> list[Line]:
    reports = list(reports)
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers) + 1)
    records = _records({report.reporter_key for report in reports})
    return [
        Line(report, numbers[report.reporter_key], records.get(report.reporter_key, Record())) for report in reports
    ]


def _records(keys: set[str]) -> dict[str, Record]:
    rows = Report.objects.filter(reporter_key__in=keys).values("reporter_key")
    rows = rows.annotate(
        upheld=Count("id", filter=Q(outcome=Outcome.UPHELD)), kept=Count("id", filter=Q(outcome=Outcome.KEPT))
    )
    return {row["reporter_key"]: Record(row["upheld"], row["kept"]) for row in rows}
