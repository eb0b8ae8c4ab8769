"""Moderation statistics of the last weeks as one tidy table of (week, measure, group, value).

A week begins on Monday, 0:00 UTC. Undone decisions are not counted. Each measure is one query that reads the log of
these weeks by the index on the date, so the cost grows with the activity of twelve weeks and not with the age of the
site. Percentiles are nearest-rank values computed by the database, identical on SQLite and PostgreSQL.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.models import User
from forum.models import Hold, LogEntry, Post, Report, RuleSetting
from forum.models.log_entries import LogEntryQuerySet
from forum.models.posts import PostQuerySet
from forum.moderation import queue
from forum.states import ASKING, BUTTONS, DECISIONS, Move

WEEKS = 12
PERCENTILES = (50, 90)
# Upper bound of the counts, so that they stay cheap: the page shows “1,000 or more”.
COUNT_LIMIT = queue.COUNT_LIMIT
FINDING = (Hold.Effect.HOLD, Hold.Effect.URGENT)
PUBLISHING = (Move.PUBLISH, Move.MASK)

KINDS = "decisions by kind"
PEOPLE = "decisions by moderator"
WAITED = "decisions with a wait"
MEDIAN = "median wait in seconds"
LONG = "90th percentile of the wait in seconds"
HELD = "held by the rule"
RIGHT = "held rightly by the rule"
REPORTS = "reports by outcome"
RETURNS = "sent back"
OUTCOMES = {
    Report.Outcome.OPEN: "not looked at yet",
    Report.Outcome.UPHELD: "taken down or changed",
    Report.Outcome.KEPT: "left as it is",
    Report.Outcome.GONE: "gone for another reason",
}


@dataclass(frozen=True)
class Row:
    week: date
    measure: str
    group: str
    value: int


@dataclass(frozen=True)
class Now:
    waiting: int
    urgent: int
    asked: int
    oldest: datetime | None


def now() -> Now:
    # Four queries that read at most COUNT_LIMIT rows each.
    waiting = queue.waiting()
    asked = Post.objects.waiting().exclude(waiting_for="").order_by()
    return Now(
        min(COUNT_LIMIT, waiting.count), limited_count(Post.objects.urgent()), limited_count(asked), waiting.oldest
    )


def limited_count(posts: PostQuerySet) -> int:
    return posts.values("pk")[:COUNT_LIMIT].count()


def week_starts(weeks: int = WEEKS) -> list[datetime]:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(weeks))]


def rows(starts: list[datetime]) -> list[Row]:
    found: list[Row] = []
    for measure in (_decisions, _waits, _holds, _reports, _returns):
        found += (Row(starts[week].date(), name, group, value) for week, name, group, value in measure(starts))
    return sorted(found, key=lambda row: (row.measure, row.week, row.group))


Numbers = Iterator[tuple[int, str, str, int]]


def lasting(entries: LogEntryQuerySet) -> LogEntryQuerySet:
    """Return moderators' decisions that nobody undid; asking somebody for an opinion is not a decision."""
    return entries.not_undone().filter(move__in=DECISIONS - ASKING, actor__isnull=False)


def first_decisions(entries: LogEntryQuerySet) -> LogEntryQuerySet:
    """Return the first lasting decision on each post. Later waits include the time that authors took to edit."""
    # One index lookup for each entry; with NOT EXISTS (an earlier one) PostgreSQL would read the whole log.
    of_post = lasting(LogEntry.objects.filter(post=OuterRef("post"), waited__isnull=False))
    first = of_post.order_by("version").values("pk")[:1]
    return lasting(entries).filter(waited__isnull=False, pk=Subquery(first))


def percentiles(entries: LogEntryQuerySet, bucket: Any) -> dict[Any, dict[int, tuple[int, int]]]:
    """Return {bucket: {percentile: (number of waits, wait in seconds)}} in one query."""
    ranked = entries.annotate(
        bucket=bucket,
        rank=Window(RowNumber(), partition_by=F("bucket"), order_by=[F("waited"), F("id")]),
        total=Window(Count("id"), partition_by=F("bucket")),
    )
    wanted = Q()
    for percent in PERCENTILES:
        # Nearest rank: percent/100 of the total, rounded up.
        wanted |= Q(rank=(F("total") * Value(percent) + Value(99)) / Value(100))
    found: dict[Any, dict[int, tuple[int, int]]] = defaultdict(dict)
    for place, rank, total, waited in ranked.filter(wanted).order_by().values_list("bucket", "rank", "total", "waited"):
        for percent in PERCENTILES:
            if waited is not None and rank == (total * percent + 99) // 100:
                found[place][percent] = (total, waited)
    return found


def _week(starts: list[datetime]) -> Case:
    """Return the number of the week, 0 for the first, by comparisons: functions of dates would not use the index."""
    later = [When(created_at__gte=start, then=Value(number)) for number, start in enumerate(starts)]
    return Case(*reversed(later), output_field=IntegerField())


def _since(starts: list[datetime]) -> LogEntryQuerySet:
    return LogEntry.objects.filter(created_at__gte=starts[0]).order_by()


def _decisions(starts: list[datetime]) -> Numbers:
    counted = lasting(_since(starts)).annotate(week=_week(starts)).values("week", "move", "actor")
    lines = list(counted.annotate(count=Count("id")).values_list("week", "move", "actor", "count"))
    names = _names({actor for _week, _move, actor, _count in lines if actor})
    kinds: Counter[tuple[int, str]] = Counter()
    people: Counter[tuple[int, str]] = Counter()
    for week, move, actor, count in lines:
        kinds[week, BUTTONS[Move(move)]] += count
        people[week, names[actor or 0]] += count
    yield from ((week, KINDS, kind, count) for (week, kind), count in kinds.items())
    yield from ((week, PEOPLE, name, count) for (week, name), count in people.items())


def _names(numbers: set[int]) -> dict[int, str]:
    people = dict(User.objects.filter(pk__in=numbers).values_list("pk", "name"))
    often = Counter(people.values())
    return {pk: name if often[name] == 1 else f"{name} ({pk})" for pk, name in people.items()}


def _waits(starts: list[datetime]) -> Numbers:
    for week, found in percentiles(first_decisions(_since(starts)), _week(starts)).items():
        total = found[50][0]
        yield week, WAITED, "all", total
        yield week, MEDIAN, "all", found[50][1]
        yield week, LONG, "all", found[90][1]


def _holds(starts: list[datetime]) -> Numbers:
    """A rule counts as right when the first lasting decision on the text that it held was not simply to publish."""
    first = first_decisions(_since(starts))
    # Publishing without the marked parts creates a revision; the rules held the one before it.
    judged = Case(When(move=Move.MASK, then=F("revision") - 1), default=F("revision"), output_field=IntegerField())
    held = first.filter(post__holds__revision=judged, post__holds__effect__in=FINDING)
    counted = held.annotate(week=_week(starts)).values("week", "post__holds__rule")
    counted = counted.annotate(
        held=Count("id", distinct=True), right=Count("id", distinct=True, filter=~Q(move=Move.PUBLISH))
    )
    for week, rule, number, right in counted.values_list("week", "post__holds__rule", "held", "right"):
        yield week, HELD, rule, number
        yield week, RIGHT, rule, right


def _reports(starts: list[datetime]) -> Numbers:
    reports = Report.objects.filter(created_at__gte=starts[0]).annotate(week=_week(starts)).values("week", "outcome")
    for week, outcome, count in reports.annotate(count=Count("id")).values_list("week", "outcome", "count"):
        yield week, REPORTS, OUTCOMES[Report.Outcome(outcome)], count


def _returns(starts: list[datetime]) -> Numbers:
    later = LogEntry.objects.filter(post=OuterRef("post"), pk__gt=OuterRef("pk"))
    published = lasting(later).filter(move__in=PUBLISHING)
    sent_back = lasting(_since(starts)).filter(move=Move.RETURN).annotate(week=_week(starts))
    marked = sent_back.annotate(back=Exists(later.filter(move=Move.EDIT)), public=Exists(published)).values("week")
    counted = marked.annotate(
        sent=Count("id"), changed=Count("id", filter=Q(back=True)), out=Count("id", filter=Q(back=True, public=True))
    )
    for week, sent, changed, out in counted.values_list("week", "sent", "changed", "out"):
        yield week, RETURNS, "sent back", sent
        yield week, RETURNS, "changed and sent again", changed
        yield week, RETURNS, "changed and published", out


def broken_rules() -> list[RuleSetting]:
    return list(RuleSetting.objects.exclude(fault="").order_by("rule"))
