"""Snippets: one's own, added, changed, deleted, inserted; nobody else sees them."""

import pytest

from forum.models import Snippet
from forum.views.desk.forms import MAX_SNIPPETS
from tests import factories
from tests.forum.views.desk.desk import Desk
from tests.support.visitors import error_beside, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
URL = "/desk/snippets/"


def test_added_changed_and_deleted() -> None:
    desk = Desk()
    assert desk.post(URL, {"title": "Team", "text": "Ask your own team."}).status_code == 302
    [snippet] = Snippet.objects.all()
    assert snippet.author == desk.physician and "Ask your own team." in desk.get(URL).text
    one = f"{URL}{snippet.pk}/"
    assert typed(desk.get(one), "text") == "Ask your own team."
    assert desk.post(one, {"title": "Team", "text": "Please ask."}).status_code == 302
    snippet.refresh_from_db()
    assert snippet.text == "Please ask."
    assert "Delete this snippet?" in desk.get(f"{one}delete/").text and Snippet.objects.exists()
    assert [desk.post(f"{one}delete/").status_code for _ in range(2)] == [302, 404]
    assert not Snippet.objects.exists()


@pytest.mark.parametrize(
    ("title", "text", "wrong"),
    [
        ("", "Text", "title"),
        ("x" * 81, "Text", "title"),
        ("T", "", "text"),
        ("T", "x" * 2001, "text"),
        ("T", "\u200b", "text"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(title: str, text: str, wrong: str) -> None:
    desk = Desk()
    page = desk.post(URL, {"title": title, "text": text})
    assert page.status_code == 422 and error_beside(page, wrong) and summary(page) and not Snippet.objects.exists()
    assert typed(page, "title") == title and typed(page, "text") == text


def test_there_is_an_end_to_them() -> None:
    desk = Desk()
    Snippet.objects.bulk_create(Snippet(author=desk.physician, title=f"{n}", text="T") for n in range(MAX_SNIPPETS))
    page = desk.post(URL, {"title": "More", "text": "Kept"})
    assert page.status_code == 422 and typed(page, "text") == "Kept"
    assert Snippet.objects.count() == MAX_SNIPPETS


def test_somebody_elses_is_not_there() -> None:
    snippet = Snippet.objects.create(author=factories.physician(), title="Theirs", text="Secret")
    desk = Desk()
    assert "Theirs" not in desk.get(URL).text
    for url in (f"{URL}{snippet.pk}/", f"{URL}{snippet.pk}/delete/", f"{URL}999999999/"):
        assert desk.get(url).status_code == 404 and desk.post(url, {"title": "X", "text": "X"}).status_code == 404
    snippet.refresh_from_db()
    assert snippet.text == "Secret"
