"""Visitors' browsers in this process: sign-in, forms, and what a page says about them."""

import html
import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client

from accounts.models import Contact, User
from forum.logs import JsonFormatter
from forum.models import Delivery, Hold, LogEntry, Post, Revision, Subscription
from forum.views.shared.forms import new_form_key

TABLES = (Post, Revision, Hold, LogEntry, Delivery, Contact, Subscription)


class Visitor(Client):
    """A test client over https with the site as referrer, which the CSRF check needs."""

    def __init__(self, user: User | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.defaults.setdefault("HTTP_REFERER", django_settings.SITE_URL + "/")
        if user is not None:
            self.force_login(user)

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs["secure"] = True
        return super().generic(method, path, *args, **kwargs)


@pytest.fixture
def ordinary_site(settings: Any) -> Iterator[None]:
    """A cache of this test's own, unhashed static files, and no minimum time for typing."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {name: {"BACKEND": memory, "LOCATION": f"tests-{name}"} for name in settings.CACHES}
    # Django's test runner replaces the backend with its own; account mail must go through the outbox.
    settings.EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    settings.ASK_MINIMUM_SECONDS = 0
    settings.SECOND_FACTOR_REQUIRED = False
    yield
    for name in settings.CACHES:
        caches[name].clear()


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log of the site as text: every record from DEBUG on, in the site's format."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def question_form(**fields: str) -> dict[str, str]:
    good = {"name": "Pat", "email": "pat@guests.test", "text": "Is a pump better than tablets?", "website": ""}
    return {**good, "form_key": new_form_key(), **fields}


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.text)
    assert found, f"no hidden field {name}"
    return html.unescape(found[1])


def typed(response: Any, name: str) -> str:
    area = re.search(rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', response.text, re.DOTALL)
    if area:
        return html.unescape(area[1]).removeprefix("\n")
    box = re.search(rf'<input [^>]*name="{name}"[^>]*>', response.text)
    assert box, f"no field {name}"
    value = re.search(r' value="([^"]*)"', box[0])
    return html.unescape(value[1]) if value else ""


def error_beside(response: Any, name: str) -> str:
    found = re.search(rf'<div class="error" id="id_{name}_error">(.*?)</div>', response.text, re.DOTALL)
    return _words(found[1]).removeprefix("Error: ") if found else ""


def summary(response: Any) -> dict[str, str]:
    """Return the error summary above the h1: message -> target of its link ("" without a link)."""
    box = re.search(r'<div class="error-summary".*?<ul>(.*?)</ul>', response.text, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", box[1], re.DOTALL) if box else []
    links = [re.search(r'href="([^"]*)"', line) for line in lines]
    return {_words(line): link[1] if link else "" for line, link in zip(lines, links, strict=True)}


def _words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())
