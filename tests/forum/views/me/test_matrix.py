"""Who gets what from a member's own pages: every role and verb, as one table."""

from typing import Any

import pytest

from forum.models import Post
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site"), pytest.mark.database_neutral]

LOGIN = 302
ROLES = {
    "member": factories.person,
    "moderator": factories.moderator,
    "physician": factories.physician,
    "checker": factories.checker,
}
# path -> what GET, HEAD, POST (nothing filled in), PUT and DELETE get from somebody who is signed in
PAGES = {
    "/me/": (200, 200, 405, 405, 405),
    "/me/posts/": (200, 200, 405, 405, 405),
    "/me/follows/": (301, 301, 405, 405, 405),
    "/me/claim/": (200, 200, 422, 405, 405),
    "/me/name/": (200, 200, 422, 405, 405),
    "/me/notifications/": (200, 200, 422, 405, 405),
}
VERBS = ("get", "head", "post", "put", "delete")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_every_role_opens_the_same_pages(role: str, path: str) -> None:
    visitor = Visitor(ROLES[role]())
    assert tuple(getattr(visitor, verb)(path).status_code for verb in VERBS) == PAGES[path]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_signed_in_is_sent_to_sign_in(path: str) -> None:
    for verb in ("get", "head", "post"):
        answer = getattr(Visitor(), verb)(path)
        assert answer.status_code == LOGIN and answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", ["/me/", "/me/posts/"])
def test_nobody_sees_what_others_wrote(path: str) -> None:
    """A moderator's own page is about them, too."""
    factories.pending("Shall the zebra rest?", user=factories.person())
    for user in (factories.person(), factories.moderator()):
        assert "zebra" not in Visitor(user).get(path).text


def test_a_page_of_the_list_cannot_begin_at_what_is_not_there() -> None:
    assert Visitor(factories.person()).get("/me/posts/?from=nothing").status_code == 404


def test_long_lists_go_on_page_by_page_at_the_same_cost(django_assert_max_num_queries: Any) -> None:
    member = factories.person()
    visitor = Visitor(member)
    for number in range(32):
        factories.pending(f"Is number {number} there?", user=member)
    assert "All my questions and replies" in visitor.get("/me/").text
    with django_assert_max_num_queries(6):
        first = visitor.get("/me/posts/").text
    assert "number 31" in first and "number 1 " not in first
    oldest_shown = Post.objects.filter(author=member).order_by("-created_at", "-id")[29]
    rest = visitor.get(f"/me/posts/?from={oldest_shown.public_id}").text
    assert "number 1 " in rest and "number 31" not in rest


@pytest.mark.parametrize("value", ["x\0y", "'", "ａ" * 500, "../", ""])
def test_what_no_page_has_sent_is_explained(value: str) -> None:
    visitor = Visitor(factories.person())
    assert visitor.post("/me/claim/", {"chosen": value}).status_code == 404
    assert visitor.post("/me/notifications/", {"wanted": value}).status_code == 422
    assert visitor.post("/me/notifications/", {"all": value}).status_code == 422
    assert visitor.get("/me/posts/", {"from": value}).status_code == (404 if value else 200)
    assert visitor.get("/me/notifications/", {"after": value}).status_code == (404 if value else 200)
