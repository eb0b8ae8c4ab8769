"""What the site keeps beside its database: Redis, decoded; files and their names; the log."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis

# The database is where addresses belong; the mail folder holds what was sent to people.
NOT_LOOKED_INTO = ("db.sqlite3", "mail")


def in_redis(client: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Yield (key, bytes) for each key and every value of every type, and what Celery's messages carry."""
    for key in client.scan_iter(count=500):
        name = key.decode("utf-8", "replace")
        yield f"key {name}", key
        for value in _values(client, key):
            yield name, value
            for body in celery_bodies(value):
                yield f"message in {name}", body


def _values(client: redis.Redis, key: bytes) -> list[bytes]:
    kind = client.type(key)
    read: dict[bytes, Any] = {
        b"string": lambda: [client.get(key)],
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: list(client.smembers(key)),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
        b"stream": lambda: [repr(entry).encode() for entry in client.xrange(key) or []],
    }
    assert kind in {*read, b"none"}, f"a type of value that nobody has thought of: {kind!r}"
    return [value for value in read[kind]() if value is not None] if kind != b"none" else []


def celery_bodies(value: bytes) -> list[bytes]:
    """Return the decoded bodies of the Celery messages in a value: a message, or [message, exchange, key]."""
    try:
        found = json.loads(value)
    except ValueError:
        return []
    messages = [part for part in (found if isinstance(found, list) else [found]) if isinstance(part, dict)]
    return [base64.b64decode(message["body"]) for message in messages if isinstance(message.get("body"), str)]


def in_files(var: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path, name) and (path, content) of everything below VAR_DIR but the database and the sent mail."""
    for folder, _, files in os.walk(var):
        for file in files:
            path = Path(folder) / file
            relative = str(path.relative_to(var))
            yield f"name of {relative}", relative.encode()
            if not relative.startswith(NOT_LOOKED_INTO) and path.is_file():
                yield relative, path.read_bytes()
