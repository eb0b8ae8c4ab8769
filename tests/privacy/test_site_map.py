"""No URL is forgotten: every route of the URLconf has an example that the canary test visits."""

import pytest
from django.urls import get_resolver, path

from tests.privacy.site_map import EXAMPLES, routes, templates_for

pytestmark = pytest.mark.database_neutral


def test_every_route_has_an_example() -> None:
    missing = [route for route in routes(get_resolver().url_patterns) if not templates_for(route)]
    assert not missing, f"give each an example in tests/privacy/site_map.py: {missing}"


def test_a_new_route_would_be_missed() -> None:
    assert templates_for("kitchen/") is None
    assert list(routes([path("kitchen/", lambda request: None)])) == ["kitchen/"]  # type: ignore[arg-type, return-value] # never called


def test_no_example_is_left_over() -> None:
    """An example for a route that is gone would only look like a test."""
    here = set(routes(get_resolver().url_patterns))
    assert not {route for route in EXAMPLES if route not in here and not route.startswith("dev/")}
