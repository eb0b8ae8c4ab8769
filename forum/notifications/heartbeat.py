"""The worker's heartbeat: beat queues it, a worker writes it to Redis, /readyz reads it."""

import time

from django.conf import settings
from django.core.cache import cache

KEY = "worker-heartbeat"


def beat() -> None:
    """Write the time; called by a worker."""
    cache.set(KEY, time.time(), timeout=3600)


def age() -> float | None:
    """Return the seconds since a worker last wrote, or None when none ever did."""
    written = cache.get(KEY)
    return None if written is None else max(0.0, time.time() - written)


def is_fresh() -> bool:
    """True when a worker wrote within the last four beats."""
    seconds = age()
    return seconds is not None and seconds < 4 * settings.HEARTBEAT_SECONDS
