"""One log line for each request: method, route, status, time; never the path (it may hold a token), query or body."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger("hsp.request")
MOST_THROWN_AWAY = 8 * 1024 * 1024


class RequestLogMiddleware:
    """Logs requests, logs what failed with its class and place, and turns away bodies that are too large."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        if _declared_length(request) > _largest(request):
            _let_finish(request)
            response = render(None, "413.html", status=413)
            # Some of the body may be unread: the connection cannot be used for another request.
            response["Connection"] = "close"
        else:
            response = _in_plain_words(self.get_response(request))
        # Pages hold forms of their reader's own: no shared cache keeps them, and a browser asks whether its copy holds.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        route = request.resolver_match.route if request.resolver_match else "(no route)"
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        extra = {"method": request.method, "route": route, "status": response.status_code, "ms": milliseconds}
        log.log(logging.ERROR if response.status_code >= 500 else logging.INFO, "request", extra=extra)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Write down a failure that no view expected; a refusal is none."""
        if not isinstance(exception, RequestDataTooBig | PermissionDenied | Http404):
            log.error("request_failed", exc_info=exception)


def _in_plain_words(response: HttpResponse) -> HttpResponse:
    """Give Django's empty answer to a wrong method a page; its headers stay."""
    if response.status_code == 405 and not response.content:
        response.content = render(None, "405.html").content
        response["Content-Length"] = str(len(response.content))
    return response


def _let_finish(request: HttpRequest) -> None:
    """Read and forget a body that is too large, up to a limit: a browser cut off while it sends shows no page."""
    left = MOST_THROWN_AWAY
    while left > 0 and (piece := request.read(min(left, 65_536))):
        left -= len(piece)


def _largest(request: HttpRequest) -> int:
    """Return how many bytes a request may carry: only a provider that brings whole mails may send more than a form."""
    brings_mail = settings.INBOUND.provider and request.path.startswith("/anymail/")
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE if brings_mail else settings.LARGEST_REQUEST


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
