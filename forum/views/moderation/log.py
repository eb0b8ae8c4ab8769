"""Moderation log, filtered by date, person and kind of entry."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.models import LogEntry
from forum.moderation import log_search, log_text
from forum.views.shared.guards import log_readers_only

FILTERS = ("move", "by", "since", "until")


@log_readers_only
@require_safe
def log_page(request: HttpRequest) -> HttpResponse:
    form = log_search.LogFilter(request.GET)
    if not form.is_valid():
        return render(request, "moderation/log.html", {"form": form, "lines": [], "is_filtered": True}, status=422)
    entries = form.entries()
    if request.GET.get("before"):
        entries = log_search.after(entries, request.GET["before"])
    rows = list(entries[: log_search.PAGE + 1])
    shown = rows[: log_search.PAGE]
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    more = f"?{urlencode({**chosen, 'before': shown[-1].pk})}" if len(rows) > log_search.PAGE else ""
    context = {"form": form, "lines": [_line(entry) for entry in shown], "next_url": more, "is_filtered": bool(chosen)}
    return render(request, "moderation/log.html", context)


def _line(entry: LogEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "changes": log_text.changes(entry),
        "undone_by": getattr(entry, "undone_by", None),
    }
