"""Every URL of people's own data x who asks x how: what is answered, and that only the owner's own form does anything.

The signs:

    o  shown: 200                       l  asked to sign in
    r  asked to sign in once more       +  done
    n  not found: 404, as if it had never been
    m  wrong method: 405
    e  errors beside the field: 422
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import DataLink, Erasure, User
from accounts.models.contacts import key_of
from forum.models import Delivery
from forum.privacy import requests
from forum.privacy.subject import Subject
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.table,
    pytest.mark.usefixtures("ordinary_site"),
    pytest.mark.database_neutral,
]

ROLES = ("anon", "member", "stale", "moderator", "superuser")
KEEP = {"posts": "keep"}
GUEST = "gwen@guests.test"

# (method, path, fields) -> a sign for each role. `stale`: a member who signed in long ago.
TABLE: dict[tuple[str, str, str], str] = {
    ("GET", "/privacy/", ""): "ooooo",
    ("POST", "/privacy/", ""): "mmmmm",
    ("GET", "/me/data/", ""): "loooo",
    ("POST", "/me/data/", ""): "lmmmm",
    ("GET", "/me/data/export/", ""): "lmmmm",
    ("POST", "/me/data/export/", ""): "l+r++",
    ("GET", "/me/data/erase/", ""): "loroo",
    ("POST", "/me/data/erase/", ""): "leree",
    ("POST", "/me/data/erase/", "posts"): "l+r++",
    ("GET", "/your-data/", ""): "ooooo",
    ("POST", "/your-data/", ""): "eeeee",
    # The link is the key: whoever is signed in, or nobody.
    ("GET", "/your-data/{link}/", ""): "ooooo",
    ("POST", "/your-data/{link}/", ""): "mmmmm",
    ("GET", "/your-data/{link}/export/", ""): "mmmmm",
    ("POST", "/your-data/{link}/export/", ""): "+++++",
    ("GET", "/your-data/{link}/erase/", ""): "ooooo",
    ("POST", "/your-data/{link}/erase/", ""): "eeeee",
    ("POST", "/your-data/{link}/erase/", "posts"): "+++++",
    **{
        (method, f"/your-data/{{{link}}}/{end}", "posts"): "nnnnn"
        for link in ("ended", "foreign", "never")
        for method, end in (("GET", ""), ("POST", "export/"), ("GET", "erase/"), ("POST", "erase/"))
    },
    ("GET", "/erasure/{open}/", ""): "ooooo",
    ("POST", "/erasure/{open}/", ""): "+++++",
    ("GET", "/erasure/{never}/", ""): "nnnnn",
    ("POST", "/erasure/{never}/", ""): "nnnnn",
}
STATUS = {"o": {200}, "l": {302}, "r": {302}, "+": {200, 302}, "n": {404}, "m": {405}, "e": {422}}


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> None:
    """A ledger of this test's own."""
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"


def visitors() -> dict[str, Visitor]:
    """Return somebody for each role, who has just signed in; but `stale` long ago."""
    people: dict[str, User | None] = {
        "anon": None,
        "member": factories.person("Mel"),
        "stale": factories.person("Sten"),
        "moderator": factories.moderator("Mo"),
        "superuser": factories.person("Su", is_superuser=True, is_staff=True),
    }
    factories.person("Another operator", is_superuser=True)
    return {role: signed_in(user, just_now=role != "stale") for role, user in people.items()}


def signed_in(user: User | None, *, just_now: bool = True) -> Visitor:
    """Return the person's browser; with `just_now` they have typed their password this minute."""
    visitor = Visitor(user)
    if user is not None and just_now:
        session = visitor.session
        record = {"method": "password", "reauthenticated": True, "at": timezone.now().timestamp()}
        session["account_authentication_methods"] = [record]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return visitor


def tokens() -> dict[str, str]:
    """Return links: one that works, one that has ended, a token of another purpose, and one that never was."""
    post = factories.pending("Is this a guest's?", name="Gwen", address=GUEST)
    now, key = timezone.now(), key_of(GUEST)
    works = DataLink.objects.create(address_key=key, expires_at=now + timedelta(hours=1))
    ended = DataLink.objects.create(address_key=key, expires_at=now - timedelta(seconds=1))
    wish = requests.request_erasure(Subject.member(factories.person("Eve")), keep_posts=True)
    return {
        "link": works.token,
        "ended": ended.token,
        "foreign": post.status_token,
        "never": "nothing",
        "open": wish.token,
    }


def traces() -> tuple[Any, ...]:
    """Return what a form could have changed."""
    return (
        list(Erasure.objects.order_by("pk").values_list("pk", "cancelled_at", "keep_posts")),
        Delivery.objects.count(),
        DataLink.objects.count(),
    )


def test_every_url_for_everybody() -> None:
    people, links = visitors(), tokens()
    wrong = []
    for (method, pattern, fields), signs in TABLE.items():
        path = pattern.format(**links)
        for role, sign in zip(ROLES, signs, strict=True):
            with transaction.atomic():
                before = traces()
                data = KEEP if fields else {}
                answer: Any = getattr(people[role], method.lower())(path, data)
                changed = traces() != before
                transaction.set_rollback(True)
            download = answer.headers.get("Content-Type") == "application/zip"
            right = answer.status_code in STATUS[sign]
            right = right and (changed or download) == (sign == "+")
            if sign == "l":
                right = right and answer["Location"].startswith("/accounts/login/")
            if sign == "r":
                right = right and "/accounts/reauthenticate/" in answer["Location"]
            if not right:
                wrong.append(f"{role}: {method} {pattern} {fields}: {answer.status_code}, expected {sign}, {changed}")
    assert not wrong, "\n".join(wrong)


def test_ended_foreign_and_unknown_links_get_the_same_page() -> None:
    links = tokens()
    pages = {Visitor().get(f"/your-data/{links[name]}/").text for name in ("ended", "foreign", "never")}
    (page,) = pages
    assert "This link does not work" in page
    assert not re.search("Gwen|guests", page)


def test_private_pages_are_kept_by_nobody() -> None:
    links = tokens()
    member = signed_in(factories.person("Mel"))
    for visitor, path in (
        (Visitor(), f"/your-data/{links['link']}/"),
        (Visitor(), f"/your-data/{links['link']}/erase/"),
        (Visitor(), f"/erasure/{links['open']}/"),
        (member, "/me/data/"),
        (member, "/me/data/erase/"),
    ):
        answer = visitor.get(path)
        assert "no-store" in answer["Cache-Control"], path
        if not path.startswith("/me/data/"):
            assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"], path
