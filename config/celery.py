"""The Celery application: JSON messages of ids, over Redis; tasks live in forum.notifications, forum.moderation
and forum.privacy."""

import os
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hsp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["forum.notifications", "forum.moderation", "forum.privacy"])


@celeryd_init.connect
def spare_newcomers_a_warning(**_signal: Any) -> None:
    """In development do not advise against root: a container often gives its newcomer nobody else. Operators are told.

    Called before Celery looks who it runs as.
    """
    from django.conf import settings

    if settings.DEVELOPMENT:
        warnings.filterwarnings("ignore", "You're running the worker with superuser privileges", SecurityWarning)
