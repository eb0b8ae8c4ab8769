"""Structured logs: one JSON object a line on standard output, with no address and no text of a post in it."""

from typing import Any


def logging_config(level: str) -> dict[str, Any]:
    """Return the dictConfig for the whole process; every record passes the masking processors of forum.logs."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "forum.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Its error records carry the request (and so what was typed); RequestLogMiddleware writes its own line.
            "django.request": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
        },
    }
