"""No form tells which addresses the site knows: not by its bytes, its status or its head, and hardly by its time.

The short form of `script/bench enumeration`, on a running site: enough to see a form that does different work for a known
address. docs/privacy.md has the figures of the long one.
"""

from collections.abc import Iterator

import pytest

from benchmarks import enumeration
from tests.support.stack import Stack

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow(seconds=80),
    pytest.mark.alone,
    pytest.mark.database_neutral,
]

EACH = 12
# Guessing gives 0.5, with a standard error of 0.12 for so few: a difference that can be used gives nearly 1.
LOOSE = 0.95


@pytest.fixture(scope="module")
def site() -> Iterator[Stack]:
    """One site for all forms, as the benchmark starts it."""
    stack = Stack(env={**enumeration.ENV, "STEADY_MILLISECONDS": "250"})
    try:
        yield stack.start()
        stack.stop()
    finally:
        stack.destroy()


@pytest.mark.parametrize("name", enumeration.FORMS)
def test_known_and_unknown_addresses_get_the_same_answer(site: Stack, name: str) -> None:
    seen = enumeration.measure(site, name, EACH)
    assert seen.same, seen.shapes
    assert enumeration.auc(seen.seconds) < LOOSE
    assert min(map(min, seen.seconds.values())) > 0.2, "the answer did not wait for the grid"
