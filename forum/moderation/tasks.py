"""Celery's view of moderation: tasks of two lines."""

from celery import shared_task

from forum.moderation import escalating
from forum.moderation import upkeep as hourly


@shared_task(name="forum.upkeep")
def upkeep() -> None:
    """Expire what was left alone, and count the year anew."""
    hourly.run()


@shared_task(name="forum.lateness")
def lateness() -> None:
    """Tell moderators and physicians what is getting late."""
    escalating.run()
