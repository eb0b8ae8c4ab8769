"""Celery's view of erasures: one task, of two lines."""

from celery import shared_task

from forum.privacy import carrying_out


@shared_task(name="forum.erasures")
def erasures() -> None:
    """Erase everybody whose time to change their mind is over."""
    carrying_out.run()
