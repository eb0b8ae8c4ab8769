"""The second wall: what browsers are told about every page (DESIGN 4, promises 4 and 7)."""

import pytest
from django.conf import settings

from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.database_neutral, pytest.mark.usefixtures("ordinary_site")]


def policy(header: str) -> dict[str, list[str]]:
    """Return the directives of a Content-Security-Policy."""
    parts = [part.split() for part in header.split(";") if part.strip()]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", ["/", "/questions/", "/accounts/login/", "/no-such-page/", "/robots.txt"])
def test_nothing_inline_and_nobody_else(path: str) -> None:
    response = Visitor().get(path)
    directives = policy(response["Content-Security-Policy"])
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "http" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Frame-Options"] == "DENY"


def test_private_links_are_told_to_nobody() -> None:
    post = factories.pending()
    response = Visitor().get(post.get_status_url())
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_no_page_may_be_kept_by_a_shared_cache() -> None:
    article = factories.article()
    for path in ("/", "/questions/", article.get_absolute_url()):
        assert Visitor().get(path)["Cache-Control"] == "private, no-cache"


def test_cookies_are_closed_to_scripts_and_other_sites() -> None:
    visitor = Visitor()
    visitor.get("/questions/ask/")
    cookie = visitor.cookies["csrftoken"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
