"""The site's URLs, and /constant/: a view that does nothing but return bytes that were read once."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import urlpatterns as site


@cache
def _body(name: str) -> bytes:
    return (Path(settings.VAR_DIR) / f"constant-{name}.html").read_bytes()


def constant(request: HttpRequest, name: str) -> HttpResponse:
    """Return the page that was saved under the name, without a query or a template."""
    return HttpResponse(_body(name))


urlpatterns = [path("constant/<slug:name>/", constant), *site]
