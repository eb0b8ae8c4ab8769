"""Statistics charts: a plot and a table of the same numbers, built from the rows of forum.moderation.statistics.

The geometry is pure, in the units of articles.geometry; the template draws with classes only. Nothing is told by
colour alone: every bar has its number beside it, and a table below.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from articles.geometry import BAR, LABEL, PLOT, SIDE, WIDTH
from forum import rules
from forum.moderation import statistics
from forum.moderation.statistics import Row

HOUR, DAY = 3600, 86_400
LABEL_EVERY = 3  # weeks: more labels would touch each other on a phone
GAP = 14.0
TOP, HEIGHT, AXIS = 32.0, 140.0, 30.0  # room above the columns, their height, room for the labels below
NUMBERS = 34.0  # room for the numbers left of the columns
MARK = 4.0  # how far a column's mark stands out on each side


@dataclass(frozen=True)
class Bar:
    """One bar lying on its side, its label above it; `part` is the filled length, where a part of the whole counts."""

    label: str
    printed: str
    y: float
    width: float
    part: float
    x: float = SIDE
    height: float = BAR

    @property
    def label_y(self) -> float:
        """The base line of the label."""
        return self.y - 5


@dataclass(frozen=True)
class Bars:
    """Bars under each other, on one scale from 0."""

    bars: list[Bar]
    height: float
    width: float = WIDTH
    kind: str = "bars"


@dataclass(frozen=True)
class Column:
    """One column, and the mark above it for a second, larger value; label and mark may be missing."""

    x: float
    y: float
    height: float
    width: float
    label: str
    mark_y: float | None

    @property
    def middle(self) -> float:
        """The middle of the column, for its label."""
        return round(self.x + self.width / 2, 2)

    @property
    def mark_from(self) -> float:
        """Where the mark begins."""
        return round(self.x - MARK, 2)

    @property
    def mark_to(self) -> float:
        """Where the mark ends."""
        return round(self.x + self.width + MARK, 2)


@dataclass(frozen=True)
class Tick:
    """A number on the upright axis, with its line."""

    y: float
    label: str

    @property
    def base(self) -> float:
        """The base line of the number."""
        return self.y + 5


@dataclass(frozen=True)
class Columns:
    """Columns side by side, one for each week, on one scale from 0."""

    columns: list[Column]
    ticks: list[Tick]
    unit: str
    left: float = NUMBERS
    right: float = WIDTH - SIDE
    base: float = TOP + HEIGHT
    label_y: float = TOP + HEIGHT + 20
    unit_y: float = 14.0
    height: float = TOP + HEIGHT + AXIS
    width: float = WIDTH
    kind: str = "columns"


@dataclass(frozen=True)
class Figure:
    """A plot, what it says in words for those who do not see it, and its table; no plot where all is 0, and no row in
    the table where nothing was counted.
    """

    slug: str
    title: str
    about: str
    chart: Bars | Columns | None
    header: Sequence[str]
    table: Sequence[Sequence[str]]


Sums = dict[str, dict[str, int]]


def figures(rows: Iterable[Row], starts: list[datetime]) -> list[Figure]:
    """Return the figures for these weeks, in the order of the page."""
    listed = list(rows)
    weekly: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    sums: Sums = defaultdict(lambda: defaultdict(int))
    for row in listed:
        weekly[row.measure][row.week] += row.value
        sums[row.measure][row.group] += row.value
    weeks = [start.date() for start in starts]
    return [
        _waits(weekly, weeks),
        _by_week(weekly, weeks),
        _ranked("kinds", "Decisions by kind", "How moderators decided in these weeks.", "Decision", sums),
        _ranked("people", "Decisions by moderator", "Who decided how often in these weeks.", "Moderator", sums),
        _rules(sums),
        _ranked("reports", "Reports by outcome", "What became of readers’ reports of these weeks.", "Outcome", sums),
        _returns(sums),
    ]


MEASURES = {"kinds": statistics.KINDS, "people": statistics.PEOPLE, "reports": statistics.REPORTS}


def _waits(weekly: dict[str, dict[date, int]], weeks: list[date]) -> Figure:
    median, long = weekly[statistics.MEDIAN], weekly[statistics.LONG]
    unit, size = ("days", DAY) if max(long.values(), default=0) >= 3 * DAY else ("hours", HOUR)
    drawn = columns(
        [round(median.get(week, 0) / size, 2) for week in weeks],
        _labels(weeks),
        unit,
        [round(long[week] / size, 2) if week in long else None for week in weeks],
    )
    decided = weekly[statistics.WAITED]
    table = [
        (_date(week), str(decided[week]), in_words(median[week]), in_words(long[week]))
        if week in median
        else (_date(week), "0", "–", "–")
        for week in weeks
    ]
    about = (
        "Until the first decision. Column: half of the posts waited at most as long. Line above it: nine of ten did."
    )
    header = ("Week from", "Decided", "Half within", "Nine of ten within")
    return Figure("waits", "How long posts waited", about, drawn, header, table if median else ())


def _by_week(weekly: dict[str, dict[date, int]], weeks: list[date]) -> Figure:
    counts = weekly[statistics.KINDS]
    drawn = columns([counts.get(week, 0) for week in weeks], _labels(weeks), "decisions")
    table = [(_date(week), str(counts.get(week, 0))) for week in weeks] if counts else []
    return Figure("weeks", "Decisions by week", "All lasting decisions.", drawn, ("Week from", "Decisions"), table)


def _ranked(slug: str, title: str, about: str, heading: str, sums: Sums) -> Figure:
    counts = sorted(sums[MEASURES[slug]].items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [(name[:1].upper() + name[1:], count) for name, count in counts]
    drawn = bars([(name, str(count), count, count) for name, count in shown])
    return Figure(slug, title, about, drawn, (heading, "Number"), [(name, str(count)) for name, count in shown])


def _rules(sums: Sums) -> Figure:
    held, right = sums[statistics.HELD], sums[statistics.RIGHT]
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    drawn = bars(
        [(rule_name(rule), f"{right[rule]} of {count}", count, right[rule]) for rule, count in ranked],
    )
    table = [(rule_name(rule), str(count), str(right[rule]), share(right[rule], count)) for rule, count in ranked]
    about = (
        "Whole bar: posts that the rule held. Filled: it was right, since the first lasting decision was not simply "
        "to publish. Asking a colleague decides nothing."
    )
    header = ("Rule", "Held", "Rightly", "Share")
    return Figure("rules", "Holds by rule, and how often they were right", about, drawn, header, table)


def _returns(sums: Sums) -> Figure:
    found = sums[statistics.RETURNS]
    sent = found["sent back"]
    steps = [(name, found[name]) for name in ("sent back", "changed and sent again", "changed and published")]
    drawn = bars([(name.capitalize(), f"{count}, {share(count, sent)}", sent, count) for name, count in steps])
    table = [(name.capitalize(), str(count), share(count, sent)) for name, count in steps]
    about = "What was sent back in these weeks, and what became of it until today."
    header = ("", "Posts", "Share")
    return Figure("returns", "What became of posts sent back", about, drawn, header, table if sent else ())


def rule_name(rule: str) -> str:
    """Return a rule's title, as staff know it; the name of one that is no longer there."""
    known = rules.BY_NAME.get(rule)
    return known.title if known else rule.replace("-", " ").capitalize()


def share(part: int, whole: int) -> str:
    """Return a share in per cent, “–” of nothing."""
    return f"{round(100 * part / whole)} %" if whole else "–"


def in_words(seconds: int) -> str:
    """Return a length of time in its two largest units, such as “2 days 4 h”."""
    days, rest = divmod(seconds, DAY)
    hours, minutes = rest // HOUR, rest % HOUR // 60
    if days:
        return f"{days} day{'' if days == 1 else 's'}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else "under a minute"


def _labels(weeks: list[date]) -> list[str]:
    """Return a label for every third week, the last one among them; the others stand in the table."""
    last = len(weeks) - 1
    return [_date(week) if (last - number) % LABEL_EVERY == 0 else "" for number, week in enumerate(weeks)]


def _date(day: date) -> str:
    return f"{day.day} {day:%b}"


def bars(rows: Sequence[tuple[str, str, int, int]]) -> Bars | None:
    """Return bars for rows of (label, what is printed beside it, whole, filled part); None when all are 0."""
    longest = max((whole for _label, _printed, whole, _part in rows), default=0)
    if not longest:
        return None
    drawn = []
    y = 0.0
    for label, printed, whole, part in rows:
        y += LABEL
        drawn.append(Bar(label, printed, y, round(whole / longest * PLOT, 2), round(part / longest * PLOT, 2)))
        y += BAR + GAP
    return Bars(drawn, height=y)


def columns(
    values: Sequence[float], labels: Sequence[str], unit: str, marks: Sequence[float | None] = ()
) -> Columns | None:
    """Return one column for each value, with an empty label where none is to stand; None when all are 0.

    `marks` are second values, drawn as a line over the column, on the same scale.
    """
    marks = list(marks) or [None] * len(values)
    largest = max([*values, *(mark or 0 for mark in marks)], default=0)
    if not largest:
        return None
    top = round_up(largest)
    slot = (WIDTH - SIDE - NUMBERS) / len(values)
    width = round(slot * 0.6, 2)
    drawn = []
    for number, (value, label, mark) in enumerate(zip(values, labels, marks, strict=True)):
        x = round(NUMBERS + slot * number + (slot - width) / 2, 2)
        height = round(value / top * HEIGHT, 2)
        mark_y = None if mark is None else _y(mark, top)
        drawn.append(Column(x, _y(value, top), height, width, label, mark_y))
    ticks = [Tick(_y(value, top), f"{value:g}") for value in (0, top / 2, top)]
    return Columns(drawn, ticks, unit)


def _y(value: float, top: float) -> float:
    return round(TOP + HEIGHT - value / top * HEIGHT, 2)


def round_up(value: float) -> float:
    """Return the next of 2, 4, 6, 8, 10, 20, 40 ...: even halves make short numbers on the axis."""
    size = 10.0 ** math.floor(math.log10(value))
    for step in (1, 2, 4, 6, 8, 10):
        if value <= step * size and (size > 1 or step > 1):
            return float(step * size)
    return 10 * size
