"""Rate limits by network or member, counted in Redis (in memory while it is down). No key has an address or full IP."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from accounts.auth import adapter

HOUR = 3600
DAY = 24 * HOUR


def network_of(request: HttpRequest) -> str:
    """Return the network of the visitor: the first 24 bits of an IPv4 address, 48 of IPv6."""
    try:
        return str(adapter.network_of(get_adapter(request).get_client_ip(request)))
    except ValueError:
        return "unknown"


def allow(request: HttpRequest, what: str, per_hour: int) -> bool:
    return _count(f"limit:{what}:{network_of(request)}", HOUR) <= per_hour


def allow_person(user: Any, what: str, per_day: int) -> bool:
    return _count(f"limit:{what}:member:{user.pk}", DAY) <= per_day


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The key expired, or Redis restarted empty, between add and incr.
        cache.set(key, 1, seconds)
        return 1
