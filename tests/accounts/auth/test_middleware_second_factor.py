"""A second factor is demanded of whoever could do harm with one stolen password, and of nobody else."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp

from accounts import roles
from accounts.auth.middleware import SecondFactorMiddleware
from forum.states import State
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site", "demanded")]
SET_UP = "/accounts/2fa/totp/activate/"
LOGIN, AUTHENTICATE = "/accounts/login/", "/accounts/2fa/authenticate/"
ADDRESS = "mo@members.test"


@pytest.fixture
def demanded(settings: Any, ordinary_site: None) -> None:  # noqa: F811 - the fixture
    """As in production."""
    settings.SECOND_FACTOR_REQUIRED = True


PRIVILEGED = {
    "moderator": lambda: factories.moderator(),
    "physician": lambda: factories.physician(),
    "checker": lambda: factories.checker(),
    "editor": lambda: factories.person("", roles.EDITORS),
    "staff": lambda: factories.person("", roles.STAFF, is_staff=True),
    "superuser": lambda: factories.person("", is_staff=True, is_superuser=True),
}


@pytest.mark.parametrize("make", PRIVILEGED.values(), ids=PRIVILEGED)
def test_whoever_has_a_role_is_sent_to_set_one_up(make: Any) -> None:
    visitor = Visitor(make())
    private = (
        "/moderation/",
        "/moderation/log/",
        "/admin/",
        "/admin/accounts/user/",
        "/me/",
        "/desk/",
        "/credentials/",
    )
    for url in private:
        assert visitor.get(url)["Location"] == SET_UP, url


def test_a_moderator_without_one_can_change_nothing() -> None:
    visitor, post, question = Visitor(factories.moderator()), factories.pending(), factories.published()
    held = {"move": "publish", "version": post.version}
    posts: list[tuple[str, dict[str, Any]]] = [
        (f"/moderation/{post.public_id}/decide/", held),
        ("/questions/ask/", question_form()),
        (f"/questions/{question.public_id}/reply/", question_form()),
        (f"/questions/{question.public_id}/follow/", {}),
        ("/admin/accounts/user/1/change/", {}),
    ]
    for url, form in posts:
        assert visitor.post(url, form)["Location"] == SET_UP, url
    post.refresh_from_db()
    assert post.state == State.PENDING


def test_reading_stays_open_so_that_nobody_is_locked_out() -> None:
    article, question = factories.article(), factories.published()
    visitor = Visitor(factories.moderator())
    pages = (
        "/",
        "/articles/",
        article.get_absolute_url(),
        "/questions/",
        question.get_absolute_url(),
        "/questions/ask/",
    )
    for url in (*pages, "/feeds/questions/", "/sitemap.xml", "/robots.txt", SET_UP, "/accounts/email/"):
        response = visitor.get(url, follow=True)
        assert response.status_code == 200 and (
            url == SET_UP or SET_UP not in [u for u, _ in response.redirect_chain]
        ), url
    assert visitor.get(f"/posts/{question.public_id}/")["Location"] == question.get_absolute_url()


def test_the_list_of_open_pages_names_none_that_needs_a_role() -> None:
    closed = ("/moderation/", "/admin/", "/desk/", "/me/", "/dev/")
    assert not [prefix for prefix in closed if prefix.startswith(SecondFactorMiddleware.OPEN_PREFIXES)]
    assert not SecondFactorMiddleware.OPEN_PATHS & set(closed)


def test_members_and_guests_are_not_asked() -> None:
    visitor = Visitor(factories.person())
    assert visitor.get("/me/").status_code == 200
    assert visitor.post("/questions/ask/", question_form()).status_code == 302
    assert Visitor().get("/me/")["Location"].startswith("/accounts/login/")


def test_with_a_second_factor_the_pages_open_again() -> None:
    moderator = factories.moderator()
    totp.TOTP.activate(moderator, totp.generate_totp_secret())
    assert Visitor(moderator).get("/moderation/").status_code == 200


def test_signing_in_then_asks_for_the_code() -> None:
    moderator = factories.moderator(address=ADDRESS)
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(moderator, secret)
    visitor = Visitor()
    password = {"login": ADDRESS, "password": factories.PASSWORD}
    assert visitor.post(LOGIN, password)["Location"].startswith(AUTHENTICATE)
    assert visitor.get("/moderation/")["Location"].startswith(LOGIN), "the password alone opens nothing"
    assert visitor.post(AUTHENTICATE, {"code": "000000"}).status_code == 200
    counter = totp.yield_hotp_counters_from_time()
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(counter))))
    visitor.post(AUTHENTICATE, {"code": code})
    assert visitor.get("/moderation/").status_code == 200


def test_a_recovery_code_counts_once() -> None:
    moderator = factories.moderator(address=ADDRESS)
    totp.TOTP.activate(moderator, totp.generate_totp_secret())
    code = RecoveryCodes.activate(moderator).get_unused_codes()[0]
    for expected in (200, 302):
        visitor = Visitor()
        visitor.post(LOGIN, {"login": ADDRESS, "password": factories.PASSWORD})
        visitor.post(AUTHENTICATE, {"code": code})
        assert visitor.get("/moderation/").status_code == expected


def test_members_may_have_one_too() -> None:
    member = factories.person(address=ADDRESS)
    visitor = Visitor()
    visitor.post(LOGIN, {"login": ADDRESS, "password": factories.PASSWORD})
    visitor.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    page = visitor.get(SET_UP)
    assert page.status_code == 200 and ADDRESS not in page.text
    assert not Authenticator.objects.filter(user=member).exists()


def test_not_demanded_where_the_site_says_so(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert Visitor(factories.moderator()).get("/moderation/").status_code == 200
