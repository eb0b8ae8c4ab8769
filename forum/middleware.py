"""Middleware: one log line for each request, and sign-out of closed accounts.

A log line has method, route, status and time; never the path (which may contain a token), the query or the body.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from forum.models import Sanction
from forum.moderation import sanctions

log = logging.getLogger("hsp.request")
MAX_DISCARDED_BYTES = 8 * 1024 * 1024


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        if _declared_length(request) > _max_length(request):
            _drain_body(request)
            response = render(None, "413.html", status=413)
            # Part of the body may be unread, so the connection cannot be reused.
            response["Connection"] = "close"
        else:
            response = _with_page(self.get_response(request))
        # Pages contain forms of the visitor: shared caches must not store them, and browsers must revalidate them.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        route = request.resolver_match.route if request.resolver_match else "(no route)"
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        extra = {"method": request.method, "route": route, "status": response.status_code, "ms": milliseconds}
        log.log(logging.ERROR if response.status_code >= 500 else logging.INFO, "request", extra=extra)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if not isinstance(exception, RequestDataTooBig | PermissionDenied | Http404):
            log.error("request_failed", exc_info=exception)


def _with_page(response: HttpResponse) -> HttpResponse:
    if response.status_code == 405 and not response.content:
        response.content = render(None, "405.html").content
        response["Content-Length"] = str(len(response.content))
    return response


def _drain_body(request: HttpRequest) -> None:
    """Read a body that is too large, up to a limit: a browser cut off while sending shows no page."""
    left = MAX_DISCARDED_BYTES
    while left > 0 and (piece := request.read(min(left, 65_536))):
        left -= len(piece)


def _max_length(request: HttpRequest) -> int:
    # The mail provider's webhook delivers whole mails.
    brings_mail = settings.INBOUND.provider and request.path.startswith("/anymail/")
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE if brings_mail else settings.LARGEST_REQUEST


def _declared_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


class ClosedAccountMiddleware:
    """Checks the signed-in user before each page, and a user who has just signed in after each form.

    This covers every way of signing in (password, code, new password). Accounts know nothing of sanctions, and
    `User.is_active` is not changed, so no job has to run when a sanction expires. Visitors without a session cost no
    query; signed-in users cost one, by an index.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        closing = sanctions.closing(request.user) if has_session else None
        if closing is not None:
            return _turn_away(request, closing)
        before = request.user.pk if has_session else None
        response = self.get_response(request)
        if request.method == "POST" and request.user.pk not in {None, before}:
            closing = sanctions.closing(request.user)
        return response if closing is None else _turn_away(request, closing)


def _turn_away(request: HttpRequest, closing: Sanction) -> HttpResponse:
    logout(request)
    # Consume the messages, or they would appear on a later page.
    list(messages.get_messages(request))
    response = render(request, "shared/closed.html", {"sanction": closing, "messages": []}, status=403)
    add_never_cache_headers(response)
    return response
