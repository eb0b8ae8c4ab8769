"""Structured logging: one JSON object a line on standard output, without addresses and texts of posts."""

from typing import Any


def logging_config(level: str) -> dict[str, Any]:
    """Return the dictConfig; forum.logs.JsonFormatter masks every record."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "forum.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Its error records contain the request, with what was typed; RequestLogMiddleware logs requests instead.
            "django.request": {"level": "CRITICAL"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "fontTools": {"level": "WARNING"},
        },
    }
