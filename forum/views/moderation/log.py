"""Moderation log, filtered by date, person and kind of entry."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.models import LogEntry
from forum.moderation import log_search, log_text
from forum.paging import page_of
from forum.views.shared.guards import log_readers_only

FILTERS = ("move", "by", "since", "until")


@log_readers_only
@require_safe
def log_page(request: HttpRequest) -> HttpResponse:
    form = log_search.LogFilter(request.GET)
    if not form.is_valid():
        return render(request, "moderation/log.html", {"form": form, "lines": [], "is_filtered": True}, status=422)
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    page = page_of(
        form.entries(),
        request,
        order=log_search.ORDER,
        size=log_search.PAGE_SIZE,
        key=log_search.ENTRY,
        keep=chosen,
    )
    context = {
        "form": form,
        "lines": [_line(entry) for entry in page.items],
        "next_url": page.next_url,
        "is_filtered": bool(chosen),
    }
    return render(request, "moderation/log.html", context)


def _line(entry: LogEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "changes": log_text.changes(entry),
        "undone_by": getattr(entry, "undone_by", None),
    }
