"""Who gets what from the account's own pages: roles, verbs and other people's things, as one table.

Devices are in test_devices.py; what the pages do, beside the code they are about.
"""

import pytest
from django.urls import get_resolver, resolve

from tests import factories
from tests.browser import passkeys
from tests.privacy.site_map import routes
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.table,
    pytest.mark.usefixtures("ordinary_site"),
    pytest.mark.database_neutral,
]

ROLES = {
    "member": factories.person,
    "moderator": factories.moderator,
    "physician": factories.physician,
    "checker": factories.checker,
}
# What somebody gets who has just typed the password: GET, HEAD, and POST with nothing filled in. allauth shows a form
# with errors by status 200.
PAGES = {
    "/accounts/sessions/": (200, 200, 405),
    "/accounts/sessions/end-others/": (405, 405, 302),
    "/accounts/2fa/": (200, 200, 405),
    "/accounts/2fa/webauthn/": (200, 200, 405),
    "/accounts/2fa/webauthn/add/": (200, 200, 200),
    "/accounts/2fa/webauthn/reauthenticate/": (302, 302, 302),  # nobody here has one
    "/accounts/passkey/": (302, 302, 405),  # for who is not signed in
    "/accounts/email/": (200, 200, 302),
    "/accounts/2fa/reauthenticate/": (302, 302, 302),  # nobody here has a second step
    "/accounts/2fa/authenticate/": (302, 302, 302),
    "/accounts/2fa/totp/activate/": (200, 200, 200),
    "/accounts/2fa/totp/deactivate/": (404, 404, 404),
    "/accounts/2fa/recovery-codes/": (404, 404, 405),
    "/accounts/2fa/recovery-codes/download/": (404, 404, 404),
    "/accounts/2fa/recovery-codes/generate/": (200, 200, 200),
    "/accounts/reauthenticate/": (200, 200, 200),
    "/accounts/password/change/": (200, 200, 200),
    "/accounts/password/set/": (302, 302, 302),  # everybody here has one
    "/accounts/logout/": (200, 200, 302),
}
# The same for who is not signed in; who is, has nothing to do there, or sees what everybody sees.
DOORS = {
    "/accounts/login/": (200, 200, 200),
    "/accounts/signup/": (200, 200, 200),
    "/accounts/login/code/": (200, 200, 200),
    "/accounts/login/code/confirm/": (302, 302, 302),  # nobody has asked for a code
    "/accounts/2fa/authenticate/": (302, 302, 302),  # nobody has typed a password
    "/accounts/2fa/webauthn/login/": (302, 302, 302),  # to the page with the button
    "/accounts/passkey/": (200, 200, 405),
    "/accounts/logout/": (302, 302, 302),
    "/accounts/inactive/": (200, 200, 405),
    "/accounts/confirm-email/": (200, 200, 405),
    "/accounts/confirm-email/never-was/": (200, 200, 404),  # a page that says so
    "/accounts/password/reset/": (200, 200, 200),
    "/accounts/password/reset/done/": (200, 200, 405),
    "/accounts/password/reset/key/1-never-was/": (200, 200, 200),
    "/accounts/password/reset/key/done/": (200, 200, 405),
}
OF_ONE = {"/accounts/sessions/1/end/", "/accounts/2fa/webauthn/keys/1/edit/", "/accounts/2fa/webauthn/keys/1/remove/"}


def test_the_tables_name_every_page_of_the_account() -> None:
    everywhere = {route.replace("^", "") for route in routes(get_resolver().url_patterns)}
    accounts = {route for route in everywhere if route.startswith("accounts/")}
    assert len(accounts) > 30
    assert {resolve(path).route.replace("^", "") for path in {*PAGES, *DOORS, *OF_ONE}} == accounts


@pytest.mark.parametrize("path", DOORS)
def test_the_doors_for_who_is_not_signed_in(path: str) -> None:
    assert tuple(getattr(Visitor(), verb)(path).status_code for verb in ("get", "head", "post")) == DOORS[path]


def just_signed_in(user: object, address: str) -> Visitor:
    """Return the browser of somebody who has typed the password a moment ago."""
    visitor = Visitor()
    answer = visitor.post("/accounts/login/", {"login": address, "password": factories.PASSWORD})
    assert answer.status_code == 302
    assert visitor.post("/accounts/reauthenticate/", {"password": factories.PASSWORD}).status_code == 302
    return visitor


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", PAGES)
def test_every_role_has_the_same_account(role: str, path: str) -> None:
    visitor = just_signed_in(ROLES[role](address="own@members.test"), "own@members.test")
    assert tuple(getattr(visitor, verb)(path).status_code for verb in ("get", "head", "post")) == PAGES[path]


@pytest.mark.parametrize("path", [path for path in PAGES if path not in DOORS])
def test_nobody_signed_in_is_sent_to_sign_in(path: str) -> None:
    for verb in ("get", "head", "post"):
        answer = getattr(Visitor(), verb)(path)
        assert answer.status_code in {302, 405}
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("what", ["edit", "remove"])
@pytest.mark.parametrize("role", ROLES)
def test_anothers_passkey_answers_as_one_that_never_was(what: str, role: str) -> None:
    """Only its owner renames and removes it, whatever else somebody may do on the site."""
    owner = factories.person(address="owner@members.test")
    key = passkeys.give(owner, "My telephone")
    visitor = just_signed_in(ROLES[role](address="own@members.test"), "own@members.test")
    for verb in ("get", "head", "post"):
        answers = [
            getattr(visitor, verb)(f"/accounts/2fa/webauthn/keys/{pk}/{what}/").status_code for pk in (key.pk, 999_999)
        ]
        assert answers == [404, 404], verb
    key.refresh_from_db()
    assert key.wrap().name == "My telephone"
    assert Visitor(owner).get(f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/").status_code in {200, 302}
    assert Visitor().get(f"/accounts/2fa/webauthn/keys/{key.pk}/{what}/").status_code == 302
