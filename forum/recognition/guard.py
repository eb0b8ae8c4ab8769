"""Who may open the checkers' pages, and how their buttons are pressed."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.credentials import PERMISSION
from forum.access import MemberRequest
from forum.moderation.views.guard import allowed_to

Press = Callable[[MemberRequest, str], HttpResponse]

checkers_only = allowed_to(PERMISSION)


def button_on(page: str) -> Callable[[Press], Press]:
    """Take only POST. Whoever comes by GET, say from the page that asks for the password, is led back to the button."""

    def guard(view: Press) -> Press:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def press(request: MemberRequest, public_id: str) -> HttpResponse:
            return view(request, public_id) if request.method == "POST" else redirect(page, public_id)

        return press

    return guard
