"""Signed-in devices: the list of sessions, signing devices out, and how little is stored of each.

allauth.usersessions keeps one row beside each session. It holds the network instead of the IP address (auth.adapter),
the browser's family instead of the User-Agent header, and the day of last use.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.auth.adapter import NOWHERE
from accounts.models import User

SEEN = "seen_on"  # session key: the day on which the device's row was last written
UNKNOWN = "A browser we do not know"
# The first match counts: most browsers also name several others.
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


def shorten_user_agent(sender: Any, instance: UserSession, **_kwargs: Any) -> None:
    words = instance.user_agent
    known = {UNKNOWN} | {name for _mark, name in BROWSERS}
    instance.user_agent = words if words.split(" on ")[0] in known else in_plain_words(words)


def remember_day(sender: Any, request: HttpRequest, **_kwargs: Any) -> None:
    # allauth has just written the session's row, so the middleware need not write it again.
    request.session[SEEN] = timezone.localdate().isoformat()


@dataclass(frozen=True)
class Device:
    row: UserSession
    is_this: bool

    @property
    def network(self) -> str:
        return "" if self.row.ip == NOWHERE else str(self.row.ip)


def list_devices(user: User, request: HttpRequest) -> list[Device]:
    here = request.session.session_key
    if not UserSession.objects.filter(session_key=here).exists():
        UserSession.objects.create_from_request(request)
    rows = UserSession.objects.filter(user=user, session_key__in=_living()).order_by("-last_seen_at", "-pk")
    return sorted((Device(row, row.session_key == here) for row in rows), key=lambda device: not device.is_this)


def sign_out(user: User, pk: int) -> bool:
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    _sign_out([row])
    return True


def sign_out_others(user: User, here: str | None) -> int:
    rows = list(UserSession.objects.filter(user=user).exclude(session_key=here or ""))
    _sign_out(rows)
    return len(rows)


@transaction.atomic
def _sign_out(rows: list[UserSession]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _living() -> Any:
    return Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")


def end_other_sessions(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    sign_out_others(user, request.session.session_key)


def forget_old_sessions() -> None:
    UserSession.objects.exclude(session_key__in=_living()).delete()
    old = timezone.now() - timedelta(days=settings.SESSION_NETWORK_DAYS)
    UserSession.objects.filter(last_seen_at__lt=old).exclude(ip=NOWHERE).update(ip=NOWHERE)
