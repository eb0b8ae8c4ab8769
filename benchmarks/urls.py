"""URLs for benchmarks: the site's, and /constant/, a view that only returns bytes from memory."""

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
    return HttpResponse(_body(name))


urlpatterns = [path("constant/<slug:name>/", constant), *site]
