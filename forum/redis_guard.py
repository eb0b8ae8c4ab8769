"""Circuit breaker for Redis: no request waits for Redis while it is down or hangs (DESIGN 4, promise 8).

One breaker per process guards the cache (rate limits, the worker's heartbeat) and the publishing of tasks. The first
failure opens it for OPEN_SECONDS. Meanwhile the cache uses the memory of the process and publishing is skipped; the
sweep publishes later what is due.
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
# Redis may still execute a call after our timeout. The lock that allauth takes around a rate limit would then stay
# locked and prevent signing in for ten seconds; the guarded code takes milliseconds.
LOCK_SECONDS = 1


class Breaker:
    def __init__(self) -> None:
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def trip(self, error: BaseException) -> None:
        # Only the class of the error is logged, since its text may contain a key.
        self._open_until = time.monotonic() + OPEN_SECONDS
        log.warning("redis_unavailable", extra={"error": type(error).__name__})

    def reset(self) -> None:
        self._open_until = 0.0


breaker = Breaker()


def opaque_key(key: str, key_prefix: str, version: int) -> str:
    """Hash the key: allauth's keys contain plain hashes of addresses."""
    digest = salted_hmac("forum.cache", f"{version}:{key}", algorithm="sha256").hexdigest()
    return f"{key_prefix}:{digest[:40]}"


class GuardedRedisCache(RedisCache):
    """Redis cache that falls back to the memory of the process while Redis is down.

    Rate limits then count per process, which is better than not at all.
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
    """Ping Redis with a short timeout. The breaker is bypassed, so this is the present state."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def waiting_tasks() -> int:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.3, socket_connect_timeout=0.3)
    try:
        return int(client.llen(settings.CELERY_TASK_DEFAULT_QUEUE))
    except (redis.RedisError, OSError):
        return 0
    finally:
        client.close()
