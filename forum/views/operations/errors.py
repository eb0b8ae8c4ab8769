"""Error pages. They use no database, so that they work when it is down."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forum.views.shared import kept_text

# Passwords and codes are typed again; every page has new tokens.
NOT_REPEATED = frozenset(
    {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code", "credential"}
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    # Going back in the browser keeps the text; a physician's answer is shown on the page itself.
    return kept_text.unconfirmed(request) or render(request, "403_csrf.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    typed = [(name, value) for name in request.POST if name not in NOT_REPEATED for value in request.POST.getlist(name)]
    return render(request, "429.html", {"typed": typed}, status=429)
