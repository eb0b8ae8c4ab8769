"""The forum application."""

from django.apps import AppConfig


class ForumConfig(AppConfig):
    """Connects closing an account and signing in to the forum, and Celery's signals to the heartbeat."""

    name = "forum"
    verbose_name = "Discussion"
