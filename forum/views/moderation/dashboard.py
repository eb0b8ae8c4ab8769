"""The dashboard: how moderation has gone in the last twelve weeks, as plots, tables and a CSV file."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from forum.moderation import charts, statistics
from forum.views.shared.guards import log_readers_only

# A spreadsheet would run a cell that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@log_readers_only
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show what waits now, and the last weeks; the same number of queries whatever happened in them."""
    starts = statistics.week_starts()
    context = {
        "now": statistics.now(),
        "cap": statistics.COUNT_LIMIT,
        "figures": charts.figures(statistics.rows(starts), starts),
        "broken": statistics.broken_rules(),
        "first": starts[0],
    }
    return render(request, "moderation/dashboard.html", context)


@log_readers_only
@require_safe
def dashboard_csv(_request: HttpRequest) -> HttpResponse:
    """Give the same numbers as one tidy table: week, measure, group, value."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moderation-{timezone.now():%Y-%m-%d}.csv"'
    writer = csv.writer(response)
    writer.writerow(["week", "measure", "group", "value"])
    for row in statistics.rows(statistics.week_starts()):
        writer.writerow([row.week.isoformat(), row.measure, plain(row.group), row.value])
    return response


def plain(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula: a name may begin with “=”."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
