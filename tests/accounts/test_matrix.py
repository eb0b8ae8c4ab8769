"""Who gets what from the account's own pages: roles, verbs and other people's things, as one table.

Devices are in test_devices.py; what the pages do, beside the code they are about.
"""

import pytest

from tests import factories
from tests.browser import passkeys
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

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
    "/accounts/password/change/": (200, 200, 200),
    "/accounts/logout/": (200, 200, 302),
}


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


@pytest.mark.parametrize("path", [path for path in PAGES if path not in {"/accounts/logout/", "/accounts/passkey/"}])
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
