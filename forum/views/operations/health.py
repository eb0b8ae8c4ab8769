"""Health checks: /healthz for load balancers, /readyz for operators, /metrics for Prometheus."""

import hmac
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from forum import redis_guard
from forum.notifications import health

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """`mail` is None if the database does not answer."""

    database: bool
    redis: bool
    worker: bool
    mail: health.MailHealth | None


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return 200 if the web process answers; checks nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    found = _health()
    mail = found.mail
    checks = {
        "database": found.database,
        "redis": found.redis,
        "worker": found.worker,
        "mail": mail is not None and not mail.alarms,
    }
    ready = all(checks.values())
    body = {
        "status": "ready" if ready else "not ready",
        **checks,
        "alarms": list(mail.alarms) if mail else [],
        "oldest_due_mail_seconds": mail.oldest_due if mail else None,
        "oldest_failing_mail_seconds": mail.oldest_failing if mail else None,
        "mail_retrying": mail.retrying if mail else None,
        "mail_failed": mail.failed if mail else None,
    }
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the same as metrics, with METRICS_TOKEN as bearer token; 404 without it."""
    given = request.headers.get("Authorization", "").encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    return HttpResponse(generate_latest(_gauges(_health())), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _health() -> Health:
    redis = redis_guard.answers()
    mail = _mail()
    return Health(database=mail is not None, redis=redis, worker=redis and health.is_worker_alive(), mail=mail)


def _mail() -> health.MailHealth | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return health.mail_health()
    except DatabaseError as error:
        log.error("database_unavailable", extra={"error": type(error).__name__})
        return None


def _gauges(found: Health) -> CollectorRegistry:
    """Return a new registry for each request: in a global one each of several processes would count for itself."""
    registry = CollectorRegistry()
    up = Gauge("hsp_up", "1 when it answers.", ["part"], registry=registry)
    for part in ("database", "redis", "worker"):
        up.labels(part).set(getattr(found, part))
    if found.mail is None:
        return registry
    count = Gauge(
        "hsp_mail", f"Mails in this state, counted up to {health.COUNT_LIMIT + 1}.", ["state"], registry=registry
    )
    for state in ("owed", "retrying", "failed", "suppressed"):
        count.labels(state).set(getattr(found.mail, state))
    age = Gauge("hsp_mail_oldest_seconds", "Since when the oldest is due, or fails.", ["what"], registry=registry)
    age.labels("due").set(found.mail.oldest_due)
    age.labels("failing").set(found.mail.oldest_failing)
    alarm = Gauge("hsp_alarm", "1 when somebody should look.", ["name"], registry=registry)
    for name in health.ALARMS:
        alarm.labels(name).set(name in found.mail.alarms)
    return registry
