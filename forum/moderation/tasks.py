"""Celery's view of moderation: one task, of two lines."""

from celery import shared_task

from forum.moderation import upkeep as hourly


@shared_task(name="forum.upkeep")
def upkeep() -> None:
    """Expire what was left alone, and count the year anew."""
    hourly.run()
