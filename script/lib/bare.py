"""Try both commands of the README as a newcomer meets them: in a bare Debian folder, from a fresh clone of HEAD.

Two processes do it. The first makes a temporary folder and takes it away in the end; the second runs in mount tables
of its own (unshare), so that whatever it mounts in the folder is gone with it, and no removal reaches through a mount.
"""

import argparse
import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import bare_folder
from common import ROOT, end_on_signals, install_debian_packages, say, stop
from postgres import free_port

LOG = ROOT / "var" / "try-bare.log"
PATIENCE = 15 * 60  # seconds until the first start counts as failed
INSIDE = "HSP_BARE_FOLDER"


def main() -> None:
    end_on_signals()
    parser = argparse.ArgumentParser(
        prog="script/try-bare",
        allow_abbrev=False,
        description="Try script/server and script/test in a bare Debian folder. Other arguments go to script/test.",
    )
    parser.add_argument("--least", action="store_true", help="with python3 and nothing else")
    options, arguments = parser.parse_known_args()
    try:
        if INSIDE in os.environ:
            raise SystemExit(try_both(Path(os.environ[INSIDE]), options.least, arguments))
        raise SystemExit(in_own_mounts())
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def in_own_mounts() -> int:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise stop("script/try-bare needs root on Debian: it makes a Debian folder and changes into it.")
    lacking = [name for name in ("debootstrap", "git") if not shutil.which(name)]
    if lacking and not install_debian_packages(*lacking):
        raise stop(f"Cannot install {' and '.join(lacking)}: see apt's message above.")
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("")
    folder = Path(tempfile.mkdtemp(prefix="hsp-bare-")).resolve()
    folder.chmod(0o755)  # as / is: the tests' PostgreSQL runs as another user
    try:
        command = ["unshare", "--mount", "--propagation", "private", "--", sys.executable, *sys.argv]
        second = subprocess.Popen(command, env={**os.environ, INSIDE: str(folder)})
        try:
            return second.wait()
        except BaseException:
            second.terminate()  # it stops its children, such as debootstrap
            second.wait(60)
            raise
    finally:
        for number in bare_folder.leftovers(folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)])  # a hundred thousand files: quicker than Python


def try_both(folder: Path, least: bool, arguments: list[str]) -> int:
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True).stdout
    if changed:
        tell("What is not committed is not tried: the folder gets a clone of HEAD.")
    packages = bare_folder.LEAST if least else bare_folder.USUAL
    times: list[str] = []
    failed: list[str] = []
    tell(f"Making a bare Debian folder with {', '.join(packages)} ...")
    with timed("the bare folder", times):
        bare_folder.make(folder, packages)
    for name in ("first start of script/server", "second start of script/server"):
        tell(f"\n=== {name}")
        if not start_and_stop(folder, name, times):
            failed.append(name)
    command = " ".join(["script/test", *arguments])
    tell(f"\n=== {command}")
    with timed(command, times):
        # As in CI, anything missing is a failure.
        process = inside(folder, ["script/test", *arguments], {"CI": "true"})
        relay(process)
        if process.wait():
            failed.append(command)
    tell("\n" + "\n".join(times) + f"\nThe whole output is in {LOG}")
    tell(f"FAILED: {', '.join(failed)}" if failed else "Both commands work on a bare machine.")
    return 1 if failed else 0


def start_and_stop(folder: Path, name: str, times: list[str]) -> bool:
    port = free_port()
    process = inside(folder, ["script/server", "--port", str(port)], {})
    reader = threading.Thread(target=relay, args=(process, ready := threading.Event()))
    reader.start()
    try:
        with timed(name, times):
            deadline = time.monotonic() + PATIENCE
            while not ready.wait(0.05) and process.poll() is None and time.monotonic() < deadline:
                pass
        answered = ready.is_set() and status(port) == 200
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        reader.join(10)
    left = bare_folder.leftovers(folder)
    tell(f"answered: {'yes' if answered else 'NO'}, exit code {code}, processes left: {len(left)}")
    return answered and code == 0 and not left


def status(port: int) -> int:
    """Return the HTTP status of the front page; 0 if nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def inside(folder: Path, command: list[str], more: dict[str, str]) -> subprocess.Popen[str]:
    """Start a command in the clone inside the folder; the returned process is the command itself."""
    change = ["chroot", str(folder), "/bin/sh", "-c", f'cd /{bare_folder.CLONE} && exec "$@"', "sh"]
    return subprocess.Popen(
        [*change, *command],
        env={**bare_folder.environment(), **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def relay(process: subprocess.Popen[str], ready: threading.Event | None = None) -> None:
    assert process.stdout
    for line in process.stdout:
        tell(line.rstrip("\n"))
        if ready is not None and "Ready: http" in line:
            ready.set()


def tell(line: str) -> None:
    say(line)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(line + "\n")


@contextlib.contextmanager
def timed(name: str, times: list[str]) -> Iterator[None]:
    began = time.monotonic()
    yield
    times.append(f"{time.monotonic() - began:6.1f} s  {name}")


if __name__ == "__main__":
    main()
