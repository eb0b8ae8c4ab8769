"""Rate limits by network, counted in Redis (or in memory while it is away). No address and no full IP is a key."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from accounts import networks

HOUR = 3600
DAY = 24 * HOUR


def network_of(request: HttpRequest) -> str:
    """Return the visitor's network, not the machine: the first 24 bits of IPv4, 48 of IPv6."""
    try:
        return str(networks.network_of(get_adapter(request).get_client_ip(request)))
    except ValueError:
        return "unknown"


def allow(request: HttpRequest, what: str, per_hour: int) -> bool:
    """Count one more `what` from this network; False when the hour's allowance is used up."""
    return _count(f"limit:{what}:{network_of(request)}", HOUR) <= per_hour


def allow_person(user: Any, what: str, per_day: int) -> bool:
    """Count one more `what` by this member; False when the day's allowance is used up."""
    return _count(f"limit:{what}:member:{user.pk}", DAY) <= per_day


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The time ended, or Redis came back empty, between the two lines.
        cache.set(key, 1, seconds)
        return 1
