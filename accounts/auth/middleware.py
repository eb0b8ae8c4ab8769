"""Second factor required for privileged roles (two-factor authentication)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.auth.second_factor import lacks_second_factor


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
