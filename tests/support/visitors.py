"""People in front of a browser, in this process: signing in, filling in forms, reading what the page says about them."""

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
    """A browser over https that comes from the site itself, as the CSRF check wants it."""

    def __init__(self, user: User | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.defaults.setdefault("HTTP_REFERER", django_settings.SITE_URL + "/")
        if user is not None:
            self.force_login(user)

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        """Send every request over https."""
        kwargs["secure"] = True
        return super().generic(method, path, *args, **kwargs)


@pytest.fixture
def ordinary_site(settings: Any) -> Iterator[None]:
    """The site with a cache of this test's own, static files as they are, and no minimum time for typing."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {name: {"BACKEND": memory, "LOCATION": f"tests-{name}"} for name in settings.CACHES}
    # Django's test runner puts a mailbox of its own there; account mail must take the site's way.
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
    """What the log of the running site would hold: every record, down to DEBUG, as the site writes it."""
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
    """Return how many rows each table holds that a post can write to."""
    return {table.__name__: table.objects.count() for table in TABLES}


def question_form(**fields: str) -> dict[str, str]:
    """Return what a guest's browser sends for a good question; `fields` replace some of it."""
    good = {"name": "Pat", "email": "pat@guests.test", "text": "Is a pump better than tablets?", "website": ""}
    return {**good, "form_key": new_form_key(), **fields}


def hidden(response: Any, name: str) -> str:
    """Return the value of a hidden field of the page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.text)
    assert found, f"no hidden field {name}"
    return html.unescape(found[1])


def typed(response: Any, name: str) -> str:
    """Return what stands in the page's field: what a reader would see in it."""
    area = re.search(rf'<textarea name="{name}"[^>]*>\n?(.*?)</textarea>', response.text, re.DOTALL)
    if area:
        return html.unescape(area[1]).removeprefix("\n")
    box = re.search(rf'<input [^>]*name="{name}"[^>]*>', response.text)
    assert box, f"no field {name}"
    value = re.search(r' value="([^"]*)"', box[0])
    return html.unescape(value[1]) if value else ""


def error_beside(response: Any, name: str) -> str:
    """Return the words of the error element of a field, empty when it has none."""
    found = re.search(rf'<div class="error" id="id_{name}_error">(.*?)</div>', response.text, re.DOTALL)
    return _words(found[1]).removeprefix("Error: ") if found else ""


def summary(response: Any) -> dict[str, str]:
    """Return the error summary above the h1: words -> where the link leads (empty without a link)."""
    box = re.search(r'<div class="error-summary".*?<ul>(.*?)</ul>', response.text, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", box[1], re.DOTALL) if box else []
    links = [re.search(r'href="([^"]*)"', line) for line in lines]
    return {_words(line): link[1] if link else "" for line, link in zip(lines, links, strict=True)}


def _words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())
