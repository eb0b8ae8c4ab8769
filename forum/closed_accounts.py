"""An account closed for some days: nobody signs in with it, and whoever is signed in is signed out and told why."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from forum.models import Sanction
from forum.moderation import sanctions


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
    response = render(request, "forum/closed.html", {"sanction": closing, "messages": []}, status=403)
    add_never_cache_headers(response)
    return response
