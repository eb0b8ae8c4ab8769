"""Signing in by password and by code; and that no page tells whether an address has an account."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from forum.models import Delivery
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"
KNOWN, UNKNOWN = "known@members.test", "stranger@members.test"


@pytest.fixture
def member() -> Any:
    """A member whose address is known."""
    return factories.person("Mel", address=KNOWN)


def test_by_password(member: Any) -> None:
    visitor = Visitor(enforce_csrf_checks=False)
    response = visitor.post(LOGIN, {"login": KNOWN.upper(), "password": factories.PASSWORD})
    assert response["Location"] == "/me/"
    assert "Hello, Mel" in visitor.get("/me/").text
    visitor.post("/accounts/logout/")
    assert visitor.get("/me/").status_code == 302


def test_signing_out_is_a_post(member: Any) -> None:
    visitor = Visitor(member)
    visitor.get("/accounts/logout/")
    assert visitor.get("/me/").status_code == 200


def test_by_code(member: Any) -> None:
    visitor = Visitor()
    assert visitor.post(CODE, {"email": KNOWN})["Location"] == "/accounts/login/code/confirm/"
    mail = Delivery.objects.get(kind="account")
    assert mail.stored and KNOWN not in mail.stored["subject"]
    code = re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]*)\s*$", mail.stored["text"], re.MULTILINE)
    assert code, mail.stored["text"]
    assert visitor.post("/accounts/login/code/confirm/", {"code": "WRONGCODE"}).status_code == 200
    assert visitor.get("/me/").status_code == 302
    visitor.post("/accounts/login/code/confirm/", {"code": code[1]})
    assert "Hello, Mel" in visitor.get("/me/").text


def test_a_closed_account_cannot_sign_in(member: Any) -> None:
    member.is_active = False
    member.save()
    visitor = Visitor()
    visitor.post(LOGIN, {"login": KNOWN, "password": factories.PASSWORD})
    assert visitor.get("/me/").status_code == 302


def test_signing_in_leads_nowhere_else(member: Any) -> None:
    form = {"login": KNOWN, "password": factories.PASSWORD, "next": "https://evil.example/"}
    assert Visitor().post(LOGIN, form)["Location"] == "/me/"


def without_what_varies(response: Any, address: str) -> tuple[int, str, str, list[str]]:
    """Return an answer without the CSRF token and without the address that was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text).replace(address, "ADDRESS")
    return response.status_code, response.get("Location", ""), text, sorted(response.cookies)


ASKING = {
    "login code": (CODE, {"email": "{}"}),
    "password reset": ("/accounts/password/reset/", {"email": "{}"}),
    "sign up": ("/accounts/signup/", {"email": "{}", "name": "Sam", "password1": factories.PASSWORD}),
    "wrong password": (LOGIN, {"login": "{}", "password": "not the password"}),
}


@pytest.mark.parametrize(("url", "form"), ASKING.values(), ids=ASKING)
def test_no_answer_tells_whether_an_address_has_an_account(member: Any, url: str, form: dict[str, str]) -> None:
    answers = []
    for address in (KNOWN, UNKNOWN):
        visitor = Visitor()
        visitor.get(url)
        first = visitor.post(url, {name: value.format(address) for name, value in form.items()})
        pages = [first] + ([visitor.get(first["Location"])] if first.status_code == 302 else [])
        answers.append([without_what_varies(page, address) for page in pages])
    assert answers[0] == answers[1]


@pytest.mark.parametrize("what", ["login code", "password reset", "sign up"])
def test_known_and_unknown_addresses_cost_the_same_work(member: Any, what: str) -> None:
    """One mail is owed either way, and nobody waits for it to be sent: the time tells nothing."""
    url, form = ASKING[what]
    for address in (KNOWN, UNKNOWN):
        Delivery.objects.all().delete()
        Visitor().post(url, {name: value.format(address) for name, value in form.items()})
        assert [delivery.kind for delivery in Delivery.objects.all()] == ["account"]


def test_an_account_that_was_never_verified_does_not_show_either() -> None:
    sam = factories.person("Sam", address=UNKNOWN)
    EmailAddress.objects.filter(user=sam).update(verified=False)
    wrong = Visitor().post(LOGIN, {"login": UNKNOWN, "password": "not the password"})
    nobody = Visitor().post(LOGIN, {"login": "nobody@members.test", "password": "not the password"})
    assert without_what_varies(wrong, UNKNOWN) == without_what_varies(nobody, "nobody@members.test")


def test_guessing_passwords_is_slowed_down(member: Any) -> None:
    statuses = [
        Visitor().post(LOGIN, {"login": KNOWN, "password": f"guess {number}"}).status_code for number in range(12)
    ]
    late = Visitor().post(LOGIN, {"login": KNOWN, "password": factories.PASSWORD})
    assert 429 in statuses or late.get("Location") != "/me/"


def test_the_address_stands_on_nobodys_page_but_its_owners(member: Any) -> None:
    visitor = Visitor(member)
    visitor.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    assert KNOWN in visitor.get("/accounts/email/").text
    assert KNOWN not in visitor.get("/me/").text
    assert KNOWN not in Visitor(factories.person()).get("/accounts/email/").text
