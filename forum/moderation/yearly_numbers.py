"""Yearly moderation numbers for the public: decisions, reasons and reports, without anything about a person.

Counts from 1 to 4 are suppressed. Where the total would reveal a suppressed count, a second count is suppressed too.
Counting a year takes seconds for a million log entries, so `refresh` does it in the hourly round and the page reads the
cache. Past years are counted again once a day, since reports of their last days are answered later. A request counts
only if the cache was lost, and then one request at a time.
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

# Smaller counts are suppressed, since they could identify somebody.
FEW = 5
KEEP_SECONDS = 7 * 24 * 3600
LOCK_SECONDS = 60

Numbers = dict[str, Any]
# Shown instead of a suppressed count; HIDDEN when FEW_WORDS would allow finding another one by subtraction.
FEW_WORDS = f"fewer than {FEW}"
HIDDEN = "not told"


def count(year: int) -> Numbers:
    """Count one year in four queries: decisions by kind and reason, automatic moves, reports, median wait.

    Only numbers, codes and strings, so that the cache can store it: {"day": ISO date, "decisions": {move: n},
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
    now = timezone.now().year
    first = LogEntry.objects.order_by("created_at").values_list("created_at", flat=True).first()
    return list(range(now, (first.year if first else now) - 1, -1))


def refresh() -> None:
    for year in years():
        known = cache.get(_key(year))
        if year == timezone.now().year or known is None or known["day"] != _today():
            cache.set(_key(year), count(year), KEEP_SECONDS)


def stored(year: int) -> Numbers | None:
    """Return the year's numbers from the cache. If they were lost, count; None while another request is counting."""
    found: Numbers | None = cache.get(_key(year))
    if found is None and cache.add(f"counting:{year}", 1, LOCK_SECONDS):
        found = count(year)
        cache.set(_key(year), found, KEEP_SECONDS)
        cache.delete(f"counting:{year}")
    return found


def _key(year: int) -> str:
    return f"numbers-of:{year}"


def _today() -> str:
    return timezone.now().date().isoformat()


def disclosed(counts: dict[str, int], *, sum_is_told: bool = False) -> dict[str, str]:
    """Return the publishable counts of one group, in their order; zeros are left out.

    If the sum is published too and a single count is suppressed, the smallest other count is suppressed as well.
    """
    told = {name: number for name, number in counts.items() if number}
    words = {name: f"{number:,}" if number >= FEW else FEW_WORDS for name, number in told.items()}
    small = [name for name, number in told.items() if number < FEW]
    others = [name for name in told if name not in small]
    if sum_is_told and len(small) == 1 and others:
        words[min(others, key=lambda name: told[name])] = HIDDEN
    return words


def reason_titles() -> dict[str, str]:
    return dict(Reason.objects.values_list("code", "title"))
