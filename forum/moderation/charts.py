"""Statistics charts: a plot and a table of the same numbers, built from the rows of forum.moderation.statistics."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from forum import rules
from forum.moderation import plots, statistics
from forum.moderation.statistics import Row

HOUR, DAY = 3600, 86_400
LABEL_EVERY = 3  # weeks: more labels would touch each other on a phone


@dataclass(frozen=True)
class Figure:
    """A plot, what it says in words for those who do not see it, and its table; no plot where all is 0, and no row in
    the table where nothing was counted.
    """

    slug: str
    title: str
    about: str
    chart: plots.Bars | plots.Columns | None
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
    drawn = plots.columns(
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
    drawn = plots.columns([counts.get(week, 0) for week in weeks], _labels(weeks), "decisions")
    table = [(_date(week), str(counts.get(week, 0))) for week in weeks] if counts else []
    return Figure("weeks", "Decisions by week", "All lasting decisions.", drawn, ("Week from", "Decisions"), table)


def _ranked(slug: str, title: str, about: str, heading: str, sums: Sums) -> Figure:
    counts = sorted(sums[MEASURES[slug]].items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [(name[:1].upper() + name[1:], count) for name, count in counts]
    drawn = plots.bars([(name, str(count), count, count) for name, count in shown])
    return Figure(slug, title, about, drawn, (heading, "Number"), [(name, str(count)) for name, count in shown])


def _rules(sums: Sums) -> Figure:
    held, right = sums[statistics.HELD], sums[statistics.RIGHT]
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    drawn = plots.bars(
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
    drawn = plots.bars([(name.capitalize(), f"{count}, {share(count, sent)}", sent, count) for name, count in steps])
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
