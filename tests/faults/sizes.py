"""How much a test of faults does: a little in every run, all that was promised with `script/test --faults`."""

import os
from typing import TypeVar

T = TypeVar("T")
LONG = os.environ.get("FAULTS") == "long"


def sized(short: T, long: T) -> T:
    """Return the one for this run."""
    return long if LONG else short
