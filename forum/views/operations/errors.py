"""Error pages in plain words; they touch no database, so that they work when it does not."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forum.views.shared import kept_text

# Secrets and tokens: what people type again, and what a page gives anew.
NOT_REPEATED = frozenset(
    {"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code", "credential"}
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was wrong with a request that could not be read."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was saved and that going back keeps the text; a physician's answer stands on the page itself."""
    return kept_text.unconfirmed(request) or render(request, "403_csrf.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Say that it was too often for now, with everything typed but secrets in a form to send it again."""
    typed = [(name, value) for name in request.POST if name not in NOT_REPEATED for value in request.POST.getlist(name)]
    return render(request, "429.html", {"typed": typed}, status=429)
