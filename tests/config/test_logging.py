"""Log lines: one JSON object each, with no address, no token and nothing that an exception quotes."""

import json
import logging
from typing import Any

from forum.logs import JsonFormatter


def line(message: str, *args: Any, **extra: Any) -> dict[str, Any]:
    """Return what one record becomes."""
    record = logging.LogRecord("library", logging.WARNING, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    return dict(json.loads(written))


def test_addresses_are_masked_wherever_they_stand() -> None:
    written = line("refused %s", "kim@guests.test", recipient="kim@guests.test", text="kim%40guests.test")
    assert "kim" not in json.dumps(written)
    assert written["level"] == "warning"


def test_private_links_lose_their_tokens() -> None:
    assert "s3cr3t" not in json.dumps(line("Forbidden: /p/s3cr3t-token/edit/"))
    assert "s3cr3t" not in json.dumps(line("/unsubscribe/s3cr3t-token/ and /confirm/s3cr3t-token/"))


def test_an_exception_is_named_but_not_quoted() -> None:
    try:
        raise ValueError("my name is Kim and I take 80 mg")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, error.__traceback__)
        )
    written = json.loads(JsonFormatter().format(record))
    assert written["error"] == "ValueError"
    assert "test_logging.py" in written["frames"][-1]
    assert "80 mg" not in json.dumps(written)


def test_nobody_can_forge_a_second_line() -> None:
    assert line('one\n{"event": "two"}\u2028three')["event"].startswith("one\n")
