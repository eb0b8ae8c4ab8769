"""Keyset pages: nothing twice and nothing left out, whatever the order; the bound at which an index begins."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from forum.models import DeskQuestion, Post
from forum.paging import Key, Order, Page, page_of
from tests import factories

pytestmark = pytest.mark.django_db
QUESTION = Key("question__public_id", "from", "to")
MIXED = ("-is_urgent", "-is_asked_for", "waiting_since", "id")


def page(url: str, order: Order = MIXED, **more: Any) -> Page:
    rows = DeskQuestion.objects.select_related("question")
    return page_of(rows, RequestFactory().get(f"/{url}"), order=order, size=2, key=QUESTION, **more)


@pytest.fixture
def seven() -> None:
    """Seven rows that differ in each of the columns, two of them in none but their number."""
    now = timezone.now()
    for number in range(7):
        row, _new = DeskQuestion.objects.get_or_create(question=factories.published())
        row.is_urgent, row.is_asked_for = number % 3 == 0, number % 2 == 0
        row.waiting_since = now - timedelta(hours=number // 2)
        row.save()


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("order", [MIXED, ("-waiting_since", "-id"), ("id",), ("-is_asked_for", "id")])
def test_pages_lead_through_all_rows_and_back(order: Order) -> None:
    whole = list(DeskQuestion.objects.order_by(*order))
    pages = [page("", order)]
    while pages[-1].next_url:
        pages.append(page(pages[-1].next_url, order))
    assert [row for shown in pages for row in shown.items] == whole
    assert [shown.is_first for shown in pages] == [True, False, False, False]
    back = [pages[-1]]
    while back[-1].previous_url:
        back.append(page(back[-1].previous_url, order))
    assert [shown.items for shown in reversed(back)] == [shown.items for shown in pages]


@pytest.mark.usefixtures("seven")
def test_links_keep_filters_and_anchor_and_lead_forward_only_without_a_way_back() -> None:
    assert page("", keep={"show": "done"}, anchor="#list").next_url.startswith("?show=done&from=")
    forward = Key("id", "after")
    rows, request = DeskQuestion.objects.all(), RequestFactory()
    first = page_of(rows, request.get("/"), order=("id",), size=2, key=forward, anchor="#list")
    assert first.next_url == f"?after={first.items[-1].pk}#list"
    second = page_of(rows, request.get(f"/{first.next_url}"), order=("id",), size=2, key=forward)
    assert second.previous_url == "" and not second.is_first
    with pytest.raises(Http404):
        page_of(rows, request.get("/" + first.next_url), order=("id",), size=2, key=forward, among=rows.none())


@pytest.mark.parametrize("url", ["?from=nosuchone", "?from=x-y", "?to=%00"])
def test_an_unknown_row_is_not_found(url: str) -> None:
    with pytest.raises(Http404):
        page(url)


def test_a_row_without_a_place_in_the_order_is_not_found() -> None:
    held = factories.pending()
    assert held.published_at is None
    with pytest.raises(Http404):
        request = RequestFactory().get(f"/?from={held.public_id}")
        page_of(Post.objects.all(), request, order=("-published_at", "-id"), size=2)


def test_the_bound_of_the_first_column_comes_first(django_assert_num_queries: Any) -> None:
    post = factories.published()
    request = RequestFactory().get(f"/?from={post.public_id}")
    with django_assert_num_queries(2) as seen:
        page_of(Post.objects.all(), request, order=("-published_at", "-id"), size=2)
    where = SimpleNamespace(**seen.captured_queries[-1]).sql.partition("WHERE")[2]
    assert where.index('"published_at" <= ') < where.index('"published_at" < ')
