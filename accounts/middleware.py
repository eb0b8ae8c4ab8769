"""Demands a second factor of those who could do harm with one stolen password."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.roles import is_privileged


class SecondFactorMiddleware:
    """Sends moderators, physicians, editors and staff without a second factor to set one up, and nowhere else.

    Reading stays open to them: only pages that need their role are closed, so nobody is locked out of the articles.
    """

    OPEN_PREFIXES = (
        *("/accounts/", "/articles/", "/questions/", "/posts/", "/feeds/", "/static/"),
        *("/p/", "/unsubscribe/", "/confirm/", "/erasure/", "/your-data/", "/physicians/"),
    )
    OPEN_PATHS = frozenset({"/", "/privacy/", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and not self._open(request) and needs_second_factor(request):
            messages.warning(
                request, "Your role needs a second step for signing in. Please set it up first; it takes two minutes."
            )
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _open(self, request: HttpRequest) -> bool:
        reading = request.method in {"GET", "HEAD"} or request.path.startswith("/accounts/")
        return reading and (request.path in self.OPEN_PATHS or request.path.startswith(self.OPEN_PREFIXES))


def needs_second_factor(request: HttpRequest) -> bool:
    """True when the signed-in person's role demands a second factor and none is set up."""
    user = request.user
    return user.is_authenticated and is_privileged(user) and not is_mfa_enabled(user)
