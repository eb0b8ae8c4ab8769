"""Celery application: JSON messages of ids over Redis. Tasks are in forum/tasks.py."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hsp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["forum"])


@celeryd_init.connect
def hide_the_warning_about_root(**_signal: Any) -> None:
    """Hide the warning in development, where a container often has root alone; operators still see it.

    Called before Celery checks its user.
    """
    from django.conf import settings

    if settings.DEVELOPMENT:
        warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", SecurityWarning)
