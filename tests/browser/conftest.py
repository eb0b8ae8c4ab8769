"""Fixtures for looking at pages: one site with something of everything, for the whole run."""

from collections.abc import Callable

import pytest

from tests.browser.gallery import Gallery
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def gallery(session_stack_factory: Callable[..., Stack]) -> Gallery:
    """A site whose every page can be seen; tests look at it and change nothing that another one looks at."""
    return Gallery(session_stack_factory(seed_question=True, env={"ASK_MINIMUM_SECONDS": "0"}))
