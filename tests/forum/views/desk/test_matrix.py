"""Who may do what at the desk, role by object by verb: absent and forbidden answer alike, and reading changes nothing."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from accounts.models import User
from forum.models import AnswerDraft, DeskQuestion, Post, Snippet
from tests import factories
from tests.forum.views.desk.desk import set_row
from tests.support.visitors import Visitor, counts, ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.table,
    pytest.mark.usefixtures("ordinary_site"),
    pytest.mark.database_neutral,
]


def withdrawn() -> User:
    """Return somebody in the physicians' group whose credential was withdrawn."""
    user = factories.physician()
    user.credentials.update(withdrawn_at=timezone.now())
    return user


PEOPLE: dict[str, Callable[[], User | None]] = {
    "visitor": lambda: None,
    "member": factories.person,
    "moderator": factories.moderator,
    "editor": lambda: factories.person("", roles.EDITORS, roles.STAFF, is_staff=True),
    "lapsed": lambda: factories.physician(days=-1),
    "withdrawn": withdrawn,
    "credential without role": lambda: _without_role(),
    "physician": factories.physician,
}


def _without_role() -> User:
    user = factories.physician()
    user.groups.clear()
    return user


# path -> (method, what a physician gets)
CLOSED: dict[str, tuple[str, int]] = {
    "/desk/": ("get", 200),
    "/desk/?show=done": ("get", 200),
    "/desk/?from={public}": ("get", 200),
    "/desk/{public}/": ("get", 200),
    "/desk/{public}/claim/": ("post", 302),
    "/desk/{public}/release/": ("post", 302),
    "/desk/{claimed}/claim/": ("post", 409),
    "/desk/{held}/": ("get", 404),
    "/desk/{held}/claim/": ("post", 404),
    "/desk/{held}/release/": ("post", 404),
    "/desk/{reply}/": ("get", 404),
    "/desk/nosuchpost/": ("get", 404),
    "/desk/nosuchpost/claim/": ("post", 404),
    "/desk/snippets/": ("get", 200),
    "/desk/snippets/{snippet}/": ("get", 404),
    "/desk/snippets/{snippet}/delete/": ("post", 404),
    "/desk/snippets/0/": ("get", 404),
}


@pytest.fixture
def things() -> dict[str, Any]:
    """One of each object."""
    public, claimed, held = factories.published(), factories.published(), factories.pending()
    other = factories.physician("Owner")
    set_row(claimed, claimed_by=other, claimed_until=timezone.now() + timedelta(hours=1))
    return {
        "public": public.public_id,
        "claimed": claimed.public_id,
        "held": held.public_id,
        "reply": factories.published(question=public).public_id,
        "snippet": Snippet.objects.create(author=other, title="T", text="T").pk,
    }


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize("person", PEOPLE)
def test_who_gets_what(person: str, path: str, things: dict[str, Any]) -> None:
    method, status = CLOSED[path]
    user = PEOPLE[person]()
    address = path.format(**things)
    before = (counts(), list(DeskQuestion.objects.order_by("pk").values()), AnswerDraft.objects.count())
    page = getattr(Visitor(user), method)(address)
    expected = {"visitor": 302, "physician": status}.get(person, 404)
    assert page.status_code == expected
    if person == "visitor":
        assert page["Location"].startswith("/accounts/login/?next=/desk/")
    if person != "physician" or method == "get":
        after = (counts(), list(DeskQuestion.objects.order_by("pk").values()), AnswerDraft.objects.count())
        assert after == before


@pytest.mark.parametrize("person", [name for name in PEOPLE if name not in {"physician", "visitor"}])
def test_absent_and_forbidden_answer_alike(person: str, things: dict[str, Any]) -> None:
    visitor = Visitor(PEOPLE[person]())
    pages = [visitor.get(f"/desk/{name}/") for name in (things["public"], things["held"], "nosuchpost")]
    texts = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.text) for page in pages}
    assert len({text.replace(things["public"], "").replace(things["held"], "") for text in texts}) == 1


@pytest.mark.parametrize(
    ("person", "typed", "status"),
    [("member", "Words", 404), ("moderator", "Words", 404), ("lapsed", "Words", 403), ("withdrawn", "Words", 403)],
)
def test_typed_words_come_back_to_whoever_was_a_physician(
    person: str, typed: str, status: int, things: dict[str, Any]
) -> None:
    visitor = Visitor(PEOPLE[person]())
    page = visitor.post(f"/desk/{things['public']}/", {"text": typed, "do": "send"})
    assert page.status_code == status and (typed in page.text) == (status == 403)
    assert not Post.objects.filter(source=typed).exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/desk/", "/desk/{public}/", "/desk/{public}/claim/", "/desk/snippets/"])
def test_other_verbs_get_a_clear_page(path: str, method: str, things: dict[str, Any]) -> None:
    page = getattr(Visitor(factories.physician()), method)(path.format(**things))
    assert page.status_code == 405


def test_get_claims_and_deletes_nothing(things: dict[str, Any]) -> None:
    desk = Visitor(factories.physician())
    for end in ("claim", "release"):
        assert desk.get(f"/desk/{things['public']}/{end}/").status_code == 405
    assert not DeskQuestion.objects.filter(question__public_id=things["public"], claimed_by__isnull=False).exists()


ROUTE = {
    "visitor": (302, 302),
    "member": (403, 403),
    "physician": (403, 403),
    "editor": (403, 403),
    "moderator": (200, 302),
}


@pytest.mark.parametrize("person", ROUTE)
@pytest.mark.parametrize("post", ["public", "held"])
def test_only_moderators_route(person: str, post: str, things: dict[str, Any]) -> None:
    visitor, address = Visitor(PEOPLE[person]()), f"/moderation/{things[post]}/route/"
    assert (visitor.get(address).status_code, visitor.post(address, {"ask": "on"}).status_code) == ROUTE[person]
    asked = DeskQuestion.objects.filter(question__public_id=things[post], is_asked_for=True)
    assert asked.exists() == (person == "moderator")


@pytest.mark.parametrize("absent", ["reply", "nosuchpost"])
def test_what_is_no_question_is_not_routed(absent: str, things: dict[str, Any]) -> None:
    moderator = Visitor(factories.moderator())
    assert moderator.get(f"/moderation/{things.get(absent, absent)}/route/").status_code == 404
