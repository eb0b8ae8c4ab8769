"""Celery's view of the outbox: each task is two lines; arguments are ids, never an address or a text."""

import logging
from functools import cache
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.db.models import QuerySet
from kombu import pools
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.celery import app
from forum.models import Delivery
from forum.notifications import claiming
from forum.notifications import delivery as deliveries
from forum.notifications import heartbeat as heart
from forum.notifications import housekeeping as house
from forum.redis_link import breaker, waiting_tasks

log = logging.getLogger(__name__)

# In a request nobody waits for Redis: half of DESIGN 7's allowance, once, without a retry.
PUBLISH_TIMEOUT = 0.25


@shared_task(name="forum.deliver")
def deliver(delivery_id: int) -> None:
    """Send one mail that is owed."""
    deliveries.deliver(delivery_id)


@shared_task(name="forum.sweep")
def sweep() -> None:
    """Publish again whatever is due and was not published, or whose worker died.

    Only as much as the queue has room for: what is offered once more in every round would fill it with mails that are
    in it already, and they would keep out the heartbeat.
    """
    claiming.repair()
    room = max(0, claiming.SWEEP_BATCH - waiting_tasks())
    send_soon(claiming.due()[:room])


@shared_task(name="forum.heartbeat")
def heartbeat() -> None:
    """Show /readyz that beat, Redis and a worker are alive together."""
    heart.beat()


@shared_task(name="forum.housekeeping")
def housekeeping() -> None:
    """Forget what is no longer needed."""
    house.run()


@worker_ready.connect
def announce_worker(**_signal: Any) -> None:
    """Show /readyz at once that a worker has started, and look at once for what is due; beat's rounds come later."""
    heart.beat()
    sweep.apply_async(expires=60, retry=False)


def send_soon(due: QuerySet[Delivery]) -> None:
    """Ask a worker to send these mails. When Redis does not answer, nothing is lost: the sweep asks again."""
    if breaker.is_open:
        return
    try:
        with pools.producers[_connection()].acquire(block=False) as producer:
            for delivery_id in due.values_list("pk", flat=True):
                deliver.apply_async((delivery_id,), producer=producer, retry=False, expires=300)
    except (OperationalError, RedisError, OSError) as error:
        breaker.trip(error)


@cache
def _connection() -> Connection:
    options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": PUBLISH_TIMEOUT,
        "socket_connect_timeout": PUBLISH_TIMEOUT,
        "health_check_interval": None,
        # Without it kombu sleeps and tries again for six seconds when the first connection of a process is refused.
        "max_retries": 0,
    }
    connection: Connection = app.connection_for_write().clone(transport_options=options)
    return connection
