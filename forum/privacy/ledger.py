"""Erasure ledger: a file outside the backups that tells, after a restore, who has to be erased again.

One JSON line for each event. It names nobody: `who` holds keyed hashes of random values (a member's handle, tokens of
contacts), never of an address. `key` identifies the SECRET_KEY of the hashes.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

ERASED = "erased"
TAKEN_BACK = "taken back"


@dataclass(frozen=True)
class Line:
    """An erasure or its cancellation; `keep_posts` means nothing for the latter."""

    event: str
    who: list[str]
    keep_posts: bool
    at: str
    key: str

    @property
    def is_readable(self) -> bool:
        return self.key == _present_key()


def hash_of(random_value: str) -> str:
    return salted_hmac("forum.privacy.ledger", random_value, algorithm="sha256").hexdigest()


def record_event(event: str, random_values: Iterable[str], *, keep_posts: bool = False) -> None:
    """Append one line and wait until it is on the disk; call it before the commit of what it records.

    An attempt that was rolled back leaves its line; the next one, with the same content, only syncs it to the disk.
    """
    who = [hash_of(value) for value in random_values]
    line = Line(event, who, keep_posts, timezone.now().isoformat(timespec="seconds"), _present_key())
    data = b"" if _stands(line) else (json.dumps(asdict(line)) + "\n").encode()
    _append(Path(settings.ERASURE_LEDGER), data)


def _stands(line: Line) -> bool:
    who = set(line.who)
    last = next((old for old in reversed(list(lines())) if who & set(old.who)), None)
    return last is not None and set(last.who) == who and replace(line, at=last.at, who=last.who) == last


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        whole = size == 0 or os.pread(file, 1, size - 1) == b"\n"
        # One write, so that lines of two processes do not mix. A line that a crash cut off is ended first.
        os.write(file, data if whole else b"\n" + data)
        os.fsync(file)
    finally:
        os.close(file)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def lines() -> Iterator[Line]:
    """Yield the events, oldest first; a line that a crash cut off is skipped, as its transaction was not committed."""
    path = Path(settings.ERASURE_LEDGER)
    if not path.exists():
        return
    for raw in path.read_text(encoding="utf-8").splitlines():
        try:
            yield Line(**json.loads(raw))
        except (ValueError, TypeError):
            continue


def _present_key() -> str:
    return salted_hmac("forum.privacy.ledger.key", "", algorithm="sha256").hexdigest()[:8]
