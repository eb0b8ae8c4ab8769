"""script/server from nothing: every line that it prints is one that a newcomer can use."""

import re

import pytest

from tests.conftest import StackFactory
from tests.support.stack import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.database_neutral]
# A fault by any of its names; what Redis, Celery and pip advise; and words for machines only.
OF_NO_USE = re.compile(r"warning|error|fault|unavailable|traceback|overcommit|superuser|oO0O|pip |npm |debconf", re.I)


def test_no_line_of_a_start_is_a_riddle(stack_factory: StackFactory) -> None:
    """Also of one as root, as on many rented machines; and the preparation already finds Redis."""
    stack = stack_factory(fresh=True, seed_question=True)
    wait_until(lambda: "Ctrl-C stops everything" in stack.log_text(), 30, "the greeting")
    lines = stack.log_text().splitlines()
    assert len(lines) > 5
    assert [line for line in lines if OF_NO_USE.search(line)] == []
    assert [line for line in lines if re.search(r" redis +\| ", line)] == []
    # Afterwards nothing is held back: a question from outside is told, and so is a fault.
    assert stack.status("/readyz") == 200
    wait_until(lambda: '"route": "readyz"' in stack.log_text(), 10, "the line about a question")
    stack.stop_redis()
    assert stack.status("/readyz") == 503
    wait_until(lambda: '"status": 503' in stack.log_text(), 10, "the line about the fault")
