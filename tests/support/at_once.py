"""Concurrent calls in threads, each with its own database connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def together(*acts: Callable[[], object], late: tuple[type[Exception], ...]) -> list[str]:
    """Start all calls at the same moment; return, sorted, "done" for each, or "late" if it raised one of `late`."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait(10)
        try:
            act()
        except late:
            return "late"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))
