"""Configuration: settings, root URLs, Celery application and WSGI entry point; no behaviour."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
