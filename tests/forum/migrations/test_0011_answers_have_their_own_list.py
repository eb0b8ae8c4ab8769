"""The migration that gives physicians' answers a list of their own: who had stopped both has stopped both still."""

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Contact
from forum.models import Subscription
from tests import factories

pytestmark = pytest.mark.django_db
migration: Any = import_module("forum.migrations.0011_answers_have_their_own_list")
LONG_AGO = datetime(2025, 1, 2, tzinfo=UTC)


def lists() -> dict[str, dict[str, datetime | None]]:
    """Return when each list ended, by the person's name."""
    found: dict[str, dict[str, datetime | None]] = {}
    for row in Subscription.objects.select_related("contact__user"):
        assert row.contact.user
        found.setdefault(row.contact.user.name, {})[row.kind] = row.ended_at
    return found


def test_ended_lists_are_copied_once_and_taken_back() -> None:
    for name, kind, ended in (
        ("Ended", "replies", LONG_AGO),
        ("Active", "replies", None),
        ("Other", "decisions", LONG_AGO),
    ):
        contact = Contact.objects.for_user(factories.person(name))
        Subscription.objects.create(contact=contact, kind=kind, ended_at=ended)
    before = lists()
    migration.stop_answers_too(apps, None)
    migration.stop_answers_too(apps, None)
    assert lists() == {**before, "Ended": {"replies": LONG_AGO, "answers": LONG_AGO}}
    assert len(set(Subscription.objects.values_list("token", flat=True))) == 4
    migration.forget_the_list(apps, None)
    assert lists() == before
