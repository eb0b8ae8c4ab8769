"""Middleware of accounts: equal timing, signed-in devices, and the second factor of privileged roles.

Equal timing is about user enumeration (DESIGN 4, promise 1). The work for a known and an unknown address is made as
equal as possible (auth.signup_form, forum.notifications.delivery.backend); SteadyAnswerMiddleware hides the rest. It
holds each response until the next multiple of STEADY_MILLISECONDS after the start of the request. A random delay of up
to a tenth of that is added, because a process that slept longer also wakes later. A thread of the web server waits
meanwhile; docs/performance.md tells the cost.
"""

import math
import random
import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.auth.devices import SEEN
from accounts.roles import is_privileged

TOO_MANY_REQUESTS = 429
RANDOM = random.SystemRandom()


class SteadyAnswerMiddleware:
    """Delays responses to POSTs to the views named in STEADY_ANSWERS until a fixed interval is over.

    Outermost but for the log: work outside it would show in the timing. A refusal for too many requests depends on the
    sender, not on the address, and is not delayed: a flood must not hold the web server's threads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if is_steady(request) and response.status_code != TOO_MANY_REQUESTS:
            step = settings.STEADY_MILLISECONDS / 1000
            time.sleep(until_next(time.perf_counter() - began, step) + RANDOM.uniform(0, step / 10))
        return response


def is_steady(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.method == "POST" and match is not None and match.view_name in settings.STEADY_ANSWERS


def until_next(spent: float, step: float) -> float:
    """Return the seconds from `spent` to the next multiple of `step`; 0 when `step` is 0.

    >>> round(until_next(0.03, 0.25), 2), round(until_next(0.26, 0.25), 2), until_next(0.3, 0)
    (0.22, 0.24, 0.0)
    """
    return math.ceil(spent / step) * step - spent if step else 0.0


class DeviceMiddleware:
    """Updates a session's row once a day; the day is kept in the session, so other requests cost no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate().isoformat()
        if request.session.session_key and request.session.get(SEEN) != today and request.user.is_authenticated:
            request.session[SEEN] = today
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def lacks_second_factor(user: Any) -> bool:
    return bool(settings.SECOND_FACTOR_REQUIRED and is_privileged(user) and not is_mfa_enabled(user))


class SecondFactorMiddleware:
    """Redirects moderators, physicians, editors and staff without a second factor to the page that sets one up.

    Reading stays possible: only pages that need the role are closed, so nobody is locked out of the articles.
    """

    OPEN_PREFIXES = (
        *("/accounts/", "/articles/", "/questions/", "/posts/", "/feeds/", "/static/"),
        *("/p/", "/unsubscribe/", "/confirm/", "/erasure/", "/your-data/", "/physicians/"),
    )
    OPEN_PATHS = frozenset({"/", "/privacy/", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._open(request) and lacks_second_factor(request.user):
            messages.warning(
                request, "Your role needs a second step for signing in. Please set it up first; it takes two minutes."
            )
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _open(self, request: HttpRequest) -> bool:
        reading = request.method in {"GET", "HEAD"} or request.path.startswith("/accounts/")
        return reading and (request.path in self.OPEN_PATHS or request.path.startswith(self.OPEN_PREFIXES))
