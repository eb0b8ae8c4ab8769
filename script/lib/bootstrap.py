"""Make .venv and install the pinned packages in it, only when the requirements changed.

Runs under any Python 3.11 or newer, with the standard library alone. Programs may call it at the same time: they
wait for each other. `installed.json` in .venv says what was installed; it is written last, so that an interrupted
installation is done again.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import libraries
import packages
from common import ROOT, end_on_signals, install_debian_packages, say, stop

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = VENV / "installed.json"
THIS_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
FILES = {
    "runtime": ["requirements.txt", "constraints.txt"],
    "dev": ["requirements.txt", "requirements-dev.txt", "constraints.txt"],
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bootstrap", description="Make .venv and install the packages.")
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--then", nargs=argparse.REMAINDER, metavar="FILE", help="go on with this file in .venv")
    options = parser.parse_args()
    end_on_signals()
    try:
        with one_at_a_time():
            bring_up_to_date("dev" if options.dev else "runtime")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if options.then:
        os.execv(PYTHON, [str(PYTHON), str(ROOT / options.then[0]), *options.then[1:]])


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Lock the checkout itself: that needs no file, and the lock ends with this process."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another installation in this checkout to finish ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def bring_up_to_date(kind: str) -> None:
    """`kind` is "runtime" or "dev"; a finished installation costs two small file reads."""
    wanted = {name: fingerprint(files) for name, files in FILES.items()}
    installed = read_state()
    if installed is not None and installed.get(kind) == wanted[kind]:
        return
    if installed is None:
        make_venv()
    requirements = "requirements-dev.txt" if kind == "dev" else "requirements.txt"
    say(f"Installing the packages of {requirements} into .venv (the first time this takes a minute or two) ...")
    if not packages.install(PYTHON, requirements):
        raise stop("pip could not install the packages: see its message above. Is there a network?")
    libraries.provide(site_packages())
    done = {"python": version_inside(), **(wanted if kind == "dev" else {kind: wanted[kind]})}
    unfinished = STATE.with_suffix(".new")
    unfinished.write_text(json.dumps(done))
    unfinished.replace(STATE)


def site_packages() -> Path:
    return VENV / "lib" / f"python{version_inside()}" / "site-packages"


def fingerprint(files: list[str]) -> str:
    digest = hashlib.sha256()
    for name in files:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def read_state() -> dict[str, str] | None:
    """Return None if there is no finished environment, or if its Python is gone or has changed."""
    try:
        state = json.loads(STATE.read_text())
        return state if state["python"] == version_inside() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def version_inside() -> str:
    """Return a version such as 3.11; empty if the Python in .venv does not run."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return THIS_VERSION
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run([str(PYTHON), "-c", question], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return answer.stdout.strip()


def make_venv() -> None:
    version = THIS_VERSION
    base = getattr(sys, "_base_executable", "") or sys.executable
    if importlib.util.find_spec("ensurepip") is None:
        # Debian ships Python without the part that puts pip into a new environment.
        if not install_debian_packages(f"python{version}-venv"):
            raise stop(
                f"Python {version} here cannot make environments. Install it: apt-get install python{version}-venv"
            )
        importlib.invalidate_caches()
    say(f"Making .venv with Python {version} ...")
    if subprocess.run([base, "-m", "venv", "--clear", str(VENV)], stdin=subprocess.DEVNULL).returncode:
        raise stop(f"Python {version} could not make {VENV}: see its message above.")


if __name__ == "__main__":
    main()
