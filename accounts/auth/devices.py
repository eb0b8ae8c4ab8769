"""On which devices somebody is signed in: what is kept of each, in plain words, and how it ends.

allauth.usersessions keeps one row beside each session. It holds the network instead of the address (auth.adapter),
the browser's family instead of everything that browsers say about themselves, and the day on which it was last used.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.networks import NOWHERE

SEEN = "seen_on"  # in the session: the day on which its row was last written
UNKNOWN = "A browser we do not know"
# The first that fits counts: most browsers claim to be several others.
BROWSERS: tuple[tuple[str, str], ...] = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox|FxiOS", "Firefox")),
    *(("Chrome|CriOS|Chromium", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS: tuple[tuple[str, str], ...] = (
    *(("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Macintosh|Mac OS", "a Mac"), ("CrOS", "a Chromebook"), ("Linux|X11", "Linux")),
)


def in_plain_words(user_agent: str) -> str:
    """Return the family of browser and device.

    >>> in_plain_words("Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0")
    'Firefox on Windows'
    """
    browser = next((name for mark, name in BROWSERS if re.search(mark, user_agent)), "")
    system = next((name for mark, name in SYSTEMS if re.search(mark, user_agent)), "")
    if not browser:
        return UNKNOWN
    return f"{browser} on {system}" if system else browser


def keep_little(sender: Any, instance: UserSession, **_kwargs: Any) -> None:
    """Before a row is written: the family of the browser takes the place of its own long description."""
    words = instance.user_agent
    known = {UNKNOWN} | {name for _mark, name in BROWSERS}
    instance.user_agent = words if words.split(" on ")[0] in known else in_plain_words(words)


def has_signed_in(sender: Any, request: HttpRequest, **_kwargs: Any) -> None:
    """allauth writes the row of a new session; the day is remembered so that the next page need not."""
    request.session[SEEN] = timezone.localdate().isoformat()


class DeviceMiddleware:
    """Writes once a day that a session was used; the day stands in the session, so other pages ask nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        today = timezone.localdate().isoformat()
        if request.session.session_key and request.session.get(SEEN) != today and request.user.is_authenticated:
            request.session[SEEN] = today
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


@dataclass(frozen=True)
class Device:
    """One browser in which somebody is signed in."""

    row: UserSession
    is_this: bool

    @property
    def network(self) -> str:
        """Return the network, or nothing when it is forgotten."""
        return "" if self.row.ip == NOWHERE else str(self.row.ip)


def of(user: User, request: HttpRequest) -> list[Device]:
    """Return everything that the person is signed in with: this device first, then by when it was last used."""
    here = request.session.session_key
    if not UserSession.objects.filter(session_key=here).exists():
        UserSession.objects.create_from_request(request)
    rows = UserSession.objects.filter(user=user, session_key__in=_living()).order_by("-last_seen_at", "-pk")
    return sorted((Device(row, row.session_key == here) for row in rows), key=lambda device: not device.is_this)


def end(user: User, pk: int) -> bool:
    """Sign one of the person's devices out; False when there is none of that number any more."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    _end([row])
    return True


def end_others(user: User, here: str | None) -> int:
    """Sign all the person's devices out but this one; return how many."""
    rows = list(UserSession.objects.filter(user=user).exclude(session_key=here or ""))
    _end(rows)
    return len(rows)


@transaction.atomic
def _end(rows: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _living() -> Any:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def password_has_changed(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A new password ends every other session; this one's end is allauth's to decide."""
    end_others(user, request.session.session_key)


def forget() -> None:
    """Delete the rows of sessions that are over, and the networks of those not used for some days."""
    UserSession.objects.exclude(session_key__in=_living()).delete()
    old = timezone.now() - timedelta(days=settings.SESSION_NETWORK_DAYS)
    UserSession.objects.filter(last_seen_at__lt=old).exclude(ip=NOWHERE).update(ip=NOWHERE)
