"""The public yearly numbers: what moderators decided and why, what readers reported; nothing about any person.

A number from 1 to 4 is not told, and where it could be found by taking the others from their sum, a second one is not
told either. Counting a year reads its lines of the log once, which takes seconds when there are a million: so `refresh`
does it, in the hourly upkeep, and the page reads what was counted from the cache. A year that is over is counted once
a day, since reports of its last days are answered later; only when the cache was lost does a reader's request count,
and then one request at a time.
"""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, Value
from django.utils import timezone

from forum.models import LogEntry, Reason, Report
from forum.moderation.statistics import first_decisions, lasting, percentiles
from forum.states import Move, State

# Below it nobody is told how many: with so few, somebody might be recognised.
FEW = 5
KEEP = 7 * 24 * 3600  # seconds
LOCK_SECONDS = 60

Numbers = dict[str, Any]
# What the page shows for a count: the number; FEW_WORDS; or HIDDEN, so that nobody finds it by subtraction.
FEW_WORDS = f"fewer than {FEW}"
HIDDEN = "not told"


def count(year: int) -> Numbers:
    """Count one year in four queries: decisions by kind and reason, what the site did, reports, the median wait.

    Only numbers, codes and strings, so that the cache can hold it: {"day": ISO date, "decisions": {move: n},
    "reasons": {move: {code: n}}, "held": n, "site": {move: n}, "reports": {outcome: n}, "median": seconds or None}.
    """
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    in_year = Q(created_at__gte=start, created_at__lt=end)
    entries = LogEntry.objects.filter(in_year).order_by()
    decisions: dict[str, int] = defaultdict(int)
    reasons: dict[str, dict[str, int]] = defaultdict(dict)
    by_kind = lasting(entries).values_list("move", "reason_code").annotate(count=Count("id"))
    for move, code, number in by_kind:
        decisions[move] += number
        reasons[move][code] = number
    site = dict(entries.filter(actor=None).values_list("move").annotate(count=Count("id")))
    sent_in = entries.filter(move=Move.SUBMIT, after=State.PENDING).count()
    reports = Report.objects.filter(in_year).values_list("outcome").annotate(count=Count("id"))
    found = percentiles(first_decisions(entries), Value(year)).get(year, {}).get(50)
    return {
        "day": _today(),
        "decisions": dict(decisions),
        "reasons": dict(reasons),
        "held": max(0, sent_in - site.get(Move.PUBLISH, 0)),
        "site": {move: site[move] for move in (Move.HIDE, Move.EXPIRE) if move in site},
        "reports": dict(reports),
        "median": found[1] if found and found[0] >= FEW else None,
    }


def years() -> list[int]:
    """Return the years since the log began, the present one first; one query."""
    now = timezone.now().year
    first = LogEntry.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return list(range(now, (first.year if first else now) - 1, -1))


def refresh() -> None:
    """Count the present year, and those that were not counted today."""
    for year in years():
        known = cache.get(_key(year))
        if year == timezone.now().year or known is None or known["day"] != _today():
            cache.set(_key(year), count(year), KEEP)


def stored(year: int) -> Numbers | None:
    """Return the year's numbers from the cache. When they are lost, count; None while another request is counting."""
    found: Numbers | None = cache.get(_key(year))
    if found is None and cache.add(f"counting:{year}", 1, LOCK_SECONDS):
        found = count(year)
        cache.set(_key(year), found, KEEP)
        cache.delete(f"counting:{year}")
    return found


def _key(year: int) -> str:
    return f"numbers-of:{year}"


def _today() -> str:
    return timezone.now().date().isoformat()


def disclosed(counts: dict[str, int], *, sum_is_told: bool = False) -> dict[str, str]:
    """Return what may be told of counts that belong together, in their order; zeros are left out.

    When the sum is told, too, and one count alone is kept back, the smallest of the others is kept back as well.
    """
    told = {name: number for name, number in counts.items() if number}
    words = {name: f"{number:,}" if number >= FEW else FEW_WORDS for name, number in told.items()}
    small = [name for name, number in told.items() if number < FEW]
    others = [name for name in told if name not in small]
    if sum_is_told and len(small) == 1 and others:
        words[min(others, key=lambda name: told[name])] = HIDDEN
    return words


def reason_titles() -> dict[str, str]:
    """Return the library's titles by code; one query."""
    return dict(Reason.objects.values_list("code", "title"))
