"""Start the whole site: prepare the database, then run the Procfile under the supervisor until Ctrl-C.

Everything that this run writes is under VAR_DIR, so that several can run side by side from one checkout.
"""

import argparse
import asyncio
import errno
import fcntl
import http.client
import os
import re
import secrets
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import private_redis
from common import ROOT, end_on_signals, say, stop
from honcho.environ import parse_procfile
from supervisor import Supervisor, follow_parent

DEMO_PEOPLE = ["editor", "moderator", "moderator2", "physician", "member"]
DEMO_PASSWORD = "demo-pass-HSP"  # noqa: S105 - the published password of the development accounts
OWN_QUESTION = re.compile(r'"event": "request".*"route": "readyz"')
PATIENCE = 90  # seconds until the site is said not to be ready
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def main() -> None:
    end_on_signals()
    options = arguments()
    refuse_taken_port(options.host, options.port)
    own_redis = "REDIS_URL" not in os.environ
    set_environment(options)
    var_dir = Path(os.environ["VAR_DIR"])
    lock = take(var_dir)
    commands = dict(parse_procfile((ROOT / "Procfile").read_text()).processes)
    if not own_redis:
        del commands["redis"]
    if not os.environ.get("INBOUND_ADDRESS") or os.environ.get("INBOUND_LISTEN") == "none":
        del commands["inbound"]
    for hold in (var_dir / "run").glob("*.hold"):
        hold.unlink()
    # Noise to somebody trying the site: what Redis says when all is well, and the answers to our own question whether
    # the site is ready yet. An operator can act on Redis's advice, and wants every line.
    unsaid = {"redis": private_redis.ORDINARY, "web": OWN_QUESTION} if debugging() else {}
    code = asyncio.run(serve(Supervisor(commands, ROOT, os.environ, var_dir / "run", unsaid), options))
    os.close(lock)
    raise SystemExit(code)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/server", description="Start the whole site; Ctrl-C stops it.")
    parser.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--without-seed-question", action="store_true", help="start without the first question")
    options = parser.parse_args()
    if not 1 <= options.port <= 65535:
        parser.error("--port must be from 1 to 65535")
    return options


def refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise stop(f"Port {port} is in use. Stop what uses it, or choose another: --port {port + 1}") from None
            raise stop(f"Cannot listen on {host} port {port}: {error.strerror or error}") from None


def debugging() -> bool:
    return os.environ["DEBUG"].strip().lower() in {"true", "1", "yes", "on"}


def set_environment(options: argparse.Namespace) -> None:
    environ = os.environ
    var_dir = Path(environ.get("VAR_DIR") or ROOT / "var").resolve()
    environ["VAR_DIR"] = str(var_dir)
    (var_dir / "run").mkdir(parents=True, exist_ok=True)
    environ.setdefault("DEBUG", "true")
    environ.setdefault("REDIS_URL", private_redis.socket_url(var_dir))
    environ.setdefault("WEB_WORKERS", "2")
    environ.update(HOST=options.host, PORT=str(options.port), PYTHONUNBUFFERED="1")
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', os.defpath)}"
    if debugging():
        host = f"[{options.host}]" if ":" in options.host else options.host
        environ.setdefault("SITE_URL", f"http://{host}:{options.port}")
        if options.host in LOOPBACK:
            environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
        make_secret_key(var_dir / "secret-key")


def make_secret_key(path: Path) -> None:
    if os.environ.get("SECRET_KEY") or (path.exists() and path.stat().st_size):
        return
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(secrets.token_urlsafe(48) + "\n")
    unfinished.replace(path)


def take(var_dir: Path) -> int:
    """Lock the folder: two Redis servers would spoil each other's file."""
    lock = os.open(var_dir / "run" / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise stop(f"A site already runs in {var_dir}. Stop it first, or set VAR_DIR to another folder.") from None
    return lock


async def prepare(with_question: bool) -> int:
    """Call it when Redis runs: the mails about the first question are queued like any other."""
    commands = ["migrate", "load_articles"]
    if debugging():
        commands += ["demo_people"] + ["seed_question"] * with_question
    else:
        commands.insert(0, "collectstatic --no-input")
    say("Preparing the database ...")
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, str(ROOT / "script/lib/prepare.py"), *commands],
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # a terminal's Ctrl-C is for this process, which ends that one
        preexec_fn=follow_parent,
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return code if code >= 0 else 1


async def serve(supervisor: Supervisor, options: argparse.Namespace) -> int:
    greeting: asyncio.Task[None] | None = None

    async def begin() -> int:
        nonlocal greeting
        code = await prepare(with_question=not options.without_seed_question)
        greeting = asyncio.create_task(greet(supervisor, options))
        return code

    try:
        return await supervisor.run(begin)
    finally:
        if greeting:
            greeting.cancel()


async def greet(supervisor: Supervisor, options: argparse.Namespace) -> None:
    for _ in range(PATIENCE * 5):
        if well := await asyncio.to_thread(ready, options.host, options.port):
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(0.2)  # the line about the last question may still be on its way
    supervisor.unsaid.pop("web", None)
    if not well:
        supervisor.lines.write("site", "still not ready: the lines above may say why; /readyz says which part")
        return
    for line in welcome():
        supervisor.lines.write("site", line)


def ready(host: str, port: int) -> bool:
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    headers = {"X-Forwarded-Proto": "https"}
    if site := urlsplit(os.environ.get("SITE_URL", "")).netloc:
        headers["Host"] = site
    connection = http.client.HTTPConnection(target, port, timeout=2)
    try:
        connection.request("GET", "/readyz", headers=headers)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome() -> list[str]:
    address = os.environ.get("SITE_URL", "")
    lines = [f"Ready: {address}/"]
    if debugging():
        people = " ".join(f"{name}@example.org" for name in DEMO_PEOPLE)
        lines.append(f"Sign in as: {people} (password: {DEMO_PASSWORD})")
        if "EMAIL_URL" not in os.environ:
            lines.append(f"Mail lands at {address}/dev/mail/ and in {os.environ['VAR_DIR']}/mail")
    return [*lines, "Ctrl-C stops everything"]


if __name__ == "__main__":
    main()
