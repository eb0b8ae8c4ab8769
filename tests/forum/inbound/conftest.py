"""Fixtures of the tests about mail that comes in."""

from typing import Any

import pytest

from tests.forum.inbound.letters import ON


@pytest.fixture(autouse=True)
def inbound_is_on(settings: Any) -> None:
    """Let the site take mail."""
    settings.INBOUND = ON
