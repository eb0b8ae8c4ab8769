"""The forum application."""

from django.apps import AppConfig


class ForumConfig(AppConfig):
    """What people say, and the mail about it."""

    name = "forum"
    verbose_name = "Discussion"
