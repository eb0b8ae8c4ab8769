"""Publishing to Celery: asks a worker to send mails that are owed. The task is named, not imported: no import cycle."""

from functools import cache

from celery import current_app
from django.conf import settings
from django.db.models import QuerySet
from kombu import pools
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from forum.models import Delivery
from forum.redis_guard import breaker

# A request does not wait long for Redis: half of DESIGN 7's allowance, once, without a retry.
PUBLISH_TIMEOUT = 0.25


def send_soon(due: QuerySet[Delivery]) -> None:
    """If Redis does not answer, nothing is lost: the sweep asks again."""
    if breaker.is_open:
        return
    try:
        with pools.producers[_connection()].acquire(block=False) as producer:
            for delivery_id in due.values_list("pk", flat=True):
                current_app.send_task("forum.deliver", (delivery_id,), producer=producer, retry=False, expires=300)
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
    connection: Connection = current_app.connection_for_write().clone(transport_options=options)
    return connection
