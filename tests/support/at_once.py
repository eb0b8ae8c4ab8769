"""Several at once, each in a thread with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def together(*acts: Callable[[], object], late: tuple[type[Exception], ...]) -> list[str]:
    """Start all of them at the same moment; return, sorted, who was done and who heard one of the errors in `late`."""
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
