"""JSON logging through structlog, with addresses and tokens masked and nothing that a person typed."""

import logging
import re

import structlog
from structlog.typing import EventDict, WrappedLogger

from articles.text.markup import mask

MAX_LENGTH = 2_000
# Tokens in these paths grant access, and libraries log whole paths, such as Django in CSRF warnings.
_PRIVATE_PATH = re.compile(
    r"/(p|confirm|unsubscribe|mail-choices|reports|your-data|erasure|moderation/from-mail|"
    r"accounts/confirm-email|accounts/password/reset/key)/[^/\s\"'?#]+"
)


def hide_tokens(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        key: _PRIVATE_PATH.sub(r"/\1/…", value) if isinstance(value, str) else value for key, value in event.items()
    }


def mask_addresses(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask addresses in all values, since libraries quote their input. Values are cut to bound the search time."""
    return {key: mask(value[:MAX_LENGTH]) if isinstance(value, str) else value for key, value in event.items()}


def _strip_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the class and the location of an exception, but not its message, which may quote input or an address."""
    exc_info = event.pop("exc_info", None)
    if not exc_info:
        return event
    error_class, _error, trace = exc_info
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}")
        trace = trace.tb_next
    return {**event, "error": getattr(error_class, "__name__", str(error_class)), "frames": frames[-12:]}


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self) -> None:
        super().__init__(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _strip_values,
                hide_tokens,
                mask_addresses,
                structlog.processors.JSONRenderer(default=lambda value: type(value).__name__, ensure_ascii=False),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        # JSON escapes line breaks in values, so nobody can forge a second line.
        return super().format(record).replace("\u2028", " ").replace("\u2029", " ")
