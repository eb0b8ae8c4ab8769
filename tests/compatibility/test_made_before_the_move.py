"""Links, mails in flight and queued tasks made by commit 0f18c44, before modules moved: all of them still work.

That commit's own code made the file beside this one, with the tests' SECRET_KEY and the clock at `now`: for each kind of
mail the rows from which it is composed, its subject, every page that it links to (path, signed in as its recipient or
not, the status and where it redirected to), and the path of its one-click unsubscribe. Besides them: every route with
its name, the names of tasks and of the periodic ones, and what else is signed.
"""

import gzip
import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import serializers
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import User
from config.celery import app
from forum import tasks
from forum.inbound.settings import Inbound
from forum.models import Delivery, Post, Topic
from forum.moderation import sanctions
from forum.notifications import mails
from forum.notifications.delivery import return_paths
from forum.views.shared import forms
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.table, pytest.mark.database_neutral]

MADE: dict[str, Any] = json.loads(
    gzip.decompress(Path(__file__).with_name("made_before_the_move.json.gz").read_bytes())
)
NOW = datetime.fromisoformat(MADE["now"])
MAILS = {mail["kind"]: mail for mail in MADE["mails"]}


def load(rows: list[dict[str, Any]]) -> None:
    """Store the rows that the old code had stored, and the topic that it had found there."""
    Topic.objects.get_or_create(pk=1, defaults={"slug": "topic", "name": "Topic"})
    for row in serializers.deserialize("json", json.dumps(rows)):
        row.save()


def routes(patterns: list[Any], prefix: str = "", names: tuple[str, ...] = ()) -> list[list[str]]:
    """Return the name and the whole route of every URL."""
    found = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found.append([":".join([*names, pattern.name]) if pattern.name else "", route])
        else:
            found += routes(pattern.url_patterns, route, (*names, pattern.namespace) if pattern.namespace else names)
    return found


def test_the_file_was_made_with_the_key_of_the_tests() -> None:
    assert MADE["secret_key"] == settings.SECRET_KEY and len(MAILS) == 26


def test_every_route_is_there_under_its_name() -> None:
    now = {tuple(route) for route in routes(get_resolver().url_patterns)}
    assert len(MADE["routes"]) > 120
    assert not [route for route in MADE["routes"] if tuple(route) not in now]


def test_every_queued_task_finds_its_function() -> None:
    assert tasks.deliver.name == "forum.deliver"
    assert MADE["tasks"] and set(MADE["tasks"]) <= set(app.tasks)
    assert set(MADE["beat"]) <= {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", MAILS)
def test_every_mail_in_flight_is_composed_and_its_links_lead_where_they_led(kind: str, ordinary_site: None) -> None:  # noqa: F811
    mail = MAILS[kind]
    with time_machine.travel(NOW, tick=False):
        load(mail["rows"])
        delivery = Delivery.objects.get(pk=mail["delivery"])
        assert mails.compose(delivery).subject == mail["subject"]
        assert mail["pages"]
        for path, signed_in, status, leads_to in mail["pages"]:
            client = Client()
            if signed_in and delivery.recipient.user:
                client.force_login(delivery.recipient.user)
            page = client.get(path, secure=True)
            assert (page.status_code, page.headers.get("Location", "")) == (status, leads_to), path
        if mail["one_click"]:
            client = Client(enforce_csrf_checks=True)
            page = client.post(mail["one_click"], {"List-Unsubscribe": "One-Click"}, secure=True)
            assert page.status_code == 200
            delivery.refresh_from_db()
            assert delivery.subscription and not delivery.subscription.is_active


@pytest.mark.django_db
def test_what_else_is_signed_is_understood(ordinary_site: None, settings: Any) -> None:  # noqa: F811
    signed = MADE["signed"]
    with time_machine.travel(NOW, tick=False):
        load(signed["rows"])
        physician = User.objects.get(pk=signed["physician"])
        assert forms.authorship_changed(signed["writes_as"], User.objects.get(pk=signed["member"])) == forms.ENDED
        assert forms.authorship_changed(signed["writes_as"], physician) == ""
        assert sanctions.by_key(signed["person"]) == User.objects.get(pk=signed["member"])
        settings.INBOUND = Inbound(mailbox="reply@in.example.org")
        key, path = MADE["bounce"][0], return_paths.parse(MADE["bounce"][1])
        assert path and path.message_key == uuid.UUID(key)


@pytest.mark.django_db
def test_a_form_that_stood_open_is_taken(ordinary_site: None) -> None:  # noqa: F811
    signed = MADE["signed"]
    with time_machine.travel(NOW, tick=False):
        load(signed["rows"])
        client = Client()
        client.force_login(User.objects.get(pk=signed["member"]))
        sent = {"text": "May I go to the sauna?", "form_key": signed["form_key"], "website": ""}
        client.post("/questions/ask/", sent, secure=True)
        assert Post.objects.filter(source="May I go to the sauna?").exists()
