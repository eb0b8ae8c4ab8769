"""The lists of the admin cost the same however much was written and mailed."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import roles
from accounts.models import Contact
from forum.admin import BoundedPaginator
from forum.models import Delivery
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


@pytest.fixture
def staff() -> Visitor:
    """A browser of somebody who may use the admin."""
    return Visitor(factories.person("", roles.STAFF, is_staff=True))


@pytest.mark.parametrize("query", ["", "?state__exact=sent", "?o=2", "?p=1", "?_facets=True"])
@pytest.mark.parametrize("table", ["delivery", "post"])
def test_nothing_is_counted_to_the_end(staff: Visitor, table: str, query: str) -> None:
    factories.published()
    with CaptureQueriesContext(connection) as queries:
        assert staff.get(f"/admin/forum/{table}/{query}").status_code in {200, 302}
    asked = [one["sql"] for one in queries if f"forum_{table}" in one["sql"]]
    assert asked
    assert not [sql for sql in asked if "COUNT(" in sql and "LIMIT" not in sql]


def test_the_first_pages_are_there_and_no_more(staff: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedPaginator, "COUNT_LIMIT", 150)
    to: Any = Contact.objects.create()
    Delivery.objects.bulk_create(
        Delivery(kind=Delivery.Kind.REPLY, event=f"test-{number}", recipient=to) for number in range(320)
    )
    newest, second = (staff.get(f"/admin/forum/delivery/{query}") for query in ("", "?p=2"))
    assert newest.text.count("field-kind") == 100
    assert second.text.count("field-kind") == 50 and "?p=3" not in second.text
