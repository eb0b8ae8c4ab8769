"""Redis may be down or hung at any time; nobody waits for it (DESIGN 4, promise 8).

One breaker per process guards both users of Redis inside a request, the cache (rate limits, the worker's heartbeat)
and the publishing of tasks. The first failure opens it for a few seconds, in which the cache answers from this
process's memory and publishing is skipped: the sweep finds what was owed.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.utils.crypto import salted_hmac

log = logging.getLogger(__name__)

OPEN_SECONDS = 5.0
# A call that was given up may still be carried out by a Redis that only hung. What allauth's lock around a rate limit
# leaves behind so would keep people from signing in for ten seconds; what it guards takes milliseconds.
LOCK_SECONDS = 1


class Breaker:
    """Remembers for a few seconds that Redis failed."""

    def __init__(self) -> None:
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """True while Redis is not to be asked."""
        return time.monotonic() < self._open_until

    def trip(self, error: BaseException) -> None:
        """Open the breaker and say so once; the error's class is enough, its text may hold a key."""
        self._open_until = time.monotonic() + OPEN_SECONDS
        log.warning("redis_unavailable", extra={"error": type(error).__name__})

    def reset(self) -> None:
        """Close the breaker at once."""
        self._open_until = 0.0


breaker = Breaker()


def opaque_key(key: str, key_prefix: str, version: int) -> str:
    """Return a cache key that tells nothing: allauth's own keys hold plain hashes of addresses, and networks."""
    digest = salted_hmac("forum.cache", f"{version}:{key}", algorithm="sha256").hexdigest()
    return f"{key_prefix}:{digest[:40]}"


class GuardedRedisCache(RedisCache):
    """Django's Redis cache which, while Redis is away, falls back to this process's memory.

    Rate limits then count per process instead of not at all.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "KEY_FUNCTION": opaque_key})
        self._memory = LocMemCache("redis-away", {"KEY_FUNCTION": opaque_key, "KEY_PREFIX": "away"})

    def _guarded(self, ask: Callable[[], Any], instead: Callable[[], Any]) -> Any:
        if breaker.is_open:
            return instead()
        try:
            return ask()
        except (redis.RedisError, OSError) as error:
            breaker.trip(error)
            return instead()

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._guarded(
            lambda: super(GuardedRedisCache, self).get(key, default, version),
            lambda: self._memory.get(key, default, version),
        )

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._guarded(
            lambda: super(GuardedRedisCache, self).set(key, value, timeout, version),
            lambda: self._memory.set(key, value, timeout, version),
        )

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        if key.endswith(":lock"):
            timeout = LOCK_SECONDS
        return bool(
            self._guarded(
                lambda: super(GuardedRedisCache, self).add(key, value, timeout, version),
                lambda: self._memory.add(key, value, timeout, version),
            )
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(
            self._guarded(
                lambda: super(GuardedRedisCache, self).delete(key, version),
                lambda: self._memory.delete(key, version),
            )
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(
            self._guarded(
                lambda: super(GuardedRedisCache, self).incr(key, delta, version),
                lambda: self._memory.incr(key, delta, version),
            )
        )


def answers() -> bool:
    """True when Redis answers a ping within its short timeout; the breaker is not asked, so this is the truth now."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def waiting_tasks() -> int:
    """Return how many tasks wait in Celery's queue; 0 when Redis does not answer."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
    try:
        return int(client.llen(settings.CELERY_TASK_DEFAULT_QUEUE))
    except (redis.RedisError, OSError):
        return 0
    finally:
        client.close()
