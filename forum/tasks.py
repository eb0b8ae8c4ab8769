"""Celery tasks and periodic jobs. Arguments are ids, never an address or a text."""

from collections.abc import Callable
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.contrib.sessions.backends.db import SessionStore

from accounts import credentials
from accounts.auth import devices
from forum.moderation import escalation, expiry, yearly_numbers
from forum.notifications import health
from forum.notifications.delivery import claim, send
from forum.notifications.publish import send_soon
from forum.physicians import credential_reminders, reminders
from forum.posts import helpful, report_outcomes
from forum.privacy import erase, retention
from forum.redis_guard import waiting_tasks

Job = Callable[[], object]

HOURLY: tuple[Job, ...] = (
    expiry.remind,
    expiry.expire,
    expiry.expire_unconfirmed,
    report_outcomes.forget_old_keys,
    helpful.forget_old_keys,
    reminders.remind_of_waiting,
    yearly_numbers.refresh,
    credential_reminders.remind,
    credential_reminders.tell_lapsed,
    credentials.forget_licence_numbers,
)
EVERY_TEN_MINUTES: tuple[Job, ...] = (
    escalation.escalate,
    escalation.tell_daily,
    reminders.remind_of_lapsing_claims,
)
HOUSEKEEPING: tuple[Job, ...] = (
    retention.drop_stale_parked,
    retention.end_spent_follows,
    retention.forget_addresses,
    retention.forget_unfinished_sign_ups,
    retention.purge_texts,
    retention.drop_old_links,
    retention.drop_old_answers,
    # Sessions contain the addresses that sign-in codes were sent to.
    SessionStore.clear_expired,
    devices.forget_old_sessions,
)


@shared_task(name="forum.deliver")
def deliver(delivery_id: int) -> None:
    send.deliver(delivery_id)


@shared_task(name="forum.sweep")
def sweep() -> None:
    """Publish due deliveries that were not published or whose worker died.

    Only as many as the queue has room for: publishing the same deliveries in every round would fill it and delay the
    heartbeat.
    """
    claim.repair()
    room = max(0, claim.SWEEP_BATCH - waiting_tasks())
    send_soon(claim.due_deliveries()[:room])


@shared_task(name="forum.heartbeat")
def heartbeat() -> None:
    health.write_heartbeat()


@shared_task(name="forum.housekeeping")
def housekeeping() -> None:
    run_jobs(HOUSEKEEPING)


@shared_task(name="forum.upkeep")
def upkeep() -> None:
    run_jobs(HOURLY)


@shared_task(name="forum.lateness")
def lateness() -> None:
    run_jobs(EVERY_TEN_MINUTES)


@shared_task(name="forum.erasures")
def erasures() -> None:
    erase.erase_due()


def run_jobs(jobs: tuple[Job, ...]) -> None:
    for job in jobs:
        job()


@worker_ready.connect
def announce_worker(**_signal: Any) -> None:
    """Start a sweep and write the heartbeat at once, since beat's first rounds come later."""
    health.write_heartbeat()
    sweep.apply_async(expires=60, retry=False)
