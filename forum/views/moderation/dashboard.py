"""Moderation statistics of the last twelve weeks, as charts, tables and a CSV file."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from forum.moderation import charts, statistics
from forum.views.shared.guards import log_readers_only

# A spreadsheet runs a cell that begins with one of these as a formula (CSV injection): a name may begin with “=”.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@log_readers_only
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the statistics; the number of queries does not depend on how much happened."""
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
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moderation-{timezone.now():%Y-%m-%d}.csv"'
    writer = csv.writer(response)
    writer.writerow(["week", "measure", "group", "value"])
    for row in statistics.rows(statistics.week_starts()):
        writer.writerow([row.week.isoformat(), row.measure, _escape_formula(row.group), row.value])
    return response


def _escape_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
