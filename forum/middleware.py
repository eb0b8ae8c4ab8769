"""Middleware: one log line for each request, and the end of sessions of closed accounts.

A log line has method, route, status and time; never the path (it may hold a token), query or body.
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


class ClosedAccountMiddleware:
    """Looks at who is signed in before each page, and at who has just signed in after each form.

    Whatever way somebody signed in (password, code, a new password), this is the one place. Accounts know nothing of
    sanctions, and `User.is_active` stays as it is, so nothing has to run when the days are over. Visitors without a
    session cost no query; people signed in cost one, by an index.
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
    """End the session, and say why and until when; what the site meant to say to somebody signed in is left out."""
    logout(request)
    # Read here, so that they wait for no later page either.
    list(messages.get_messages(request))
    response = render(request, "shared/closed.html", {"sanction": closing, "messages": []}, status=403)
    add_never_cache_headers(response)
    return response
