"""What machines ask for: health, readiness, robots.txt; and development's mail folder."""

import logging
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from forum import redis_link
from forum.models import Delivery
from forum.notifications import heartbeat, maildrop
from forum.notifications.claiming import DUE_STATES

log = logging.getLogger(__name__)

# Older than this and not sent: somebody should look, though nothing is lost.
MAIL_LATE_SECONDS = 900


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the web process answers; asks nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Check the database, Redis, the worker's heartbeat and the oldest mail that is due; 503 when one is not well."""
    database, oldest = _database()
    redis = redis_link.answers()
    checks = {
        "database": database,
        "redis": redis,
        "worker": redis and heartbeat.is_fresh(),
        "mail": oldest is not None and oldest < MAIL_LATE_SECONDS,
    }
    ready = all(checks.values())
    body = {"status": "ready" if ready else "not ready", **checks, "oldest_due_mail_seconds": oldest}
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> tuple[bool, float | None]:
    """Return whether the database answers, and the age of the oldest due mail in seconds (0 when none is due)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        due = Delivery.objects.filter(state__in=DUE_STATES, next_attempt_at__lte=timezone.now())
        oldest = due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    except DatabaseError as error:
        log.error("database_unavailable", extra={"error": type(error).__name__})
        return False, None
    return True, (timezone.now() - oldest).total_seconds() if oldest else 0.0


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep search engines away from private links and from pages that only moderators can use."""
    closed = ["/accounts/", "/admin/", "/confirm/", "/desk/", "/me/", "/moderation/", "/p/", "/unsubscribe/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _mail_folder() -> Path:
    folder = settings.MAIL_TRANSPORT_OPTIONS.get("folder")
    if not settings.DEVELOPMENT or not folder:
        raise Http404
    return Path(str(folder))


def _dropped(name: str) -> maildrop.Dropped:
    found = maildrop.read(_mail_folder(), name)
    if not found:
        raise Http404
    return found[0]


@never_cache
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """List development's mail."""
    return render(request, "dev/mail_list.html", {"mails": maildrop.read(_mail_folder())})


@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types want a str
@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail of development's folder."""
    dropped = _dropped(name)
    return render(request, "dev/mail_detail.html", {"dropped": dropped, "headers": dropped.mail.items()})


@never_cache
@xframe_options_sameorigin
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML part alone, as a mail program would, allowing its inline style and nothing else."""
    response = HttpResponse(_dropped(name).html)
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response
