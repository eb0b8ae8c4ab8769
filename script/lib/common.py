"""What the programs in script/ share: project folder, messages, missing Debian packages. No dependencies."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent.parent


def say(message: str) -> None:
    print(message, flush=True)


def stop(message: str) -> SystemExit:
    """Print why the program cannot go on, and return the exit to raise."""
    print(message, file=sys.stderr, flush=True)
    return SystemExit(1)


def end_on_signals() -> None:
    """Turn SIGTERM and SIGHUP into an ordinary exit, so that subprocess.run() ends the child it waits for."""

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def in_ci() -> bool:
    """In CI anything missing is a failure; elsewhere its tests are skipped with a message."""
    return os.environ.get("CI", "").lower() in {"true", "1", "yes"}


def install_debian_packages(*names: str) -> bool:
    """Install with apt if that needs no question (as root, on Debian); return whether it worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing with apt-get: {' '.join(names)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
    for command in (["update"], ["install", "--no-install-recommends", *names]):
        finished = subprocess.run(
            ["apt-get", *options, *command],
            env=quiet,
            stdin=subprocess.DEVNULL,
            # apt and debconf print many warnings that are normal on a bare machine; only failures matter.
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        if finished.returncode:
            say(finished.stdout.strip()[-3000:])
            return False
    return True
