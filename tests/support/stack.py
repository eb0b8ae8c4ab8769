"""A whole site for tests, started by script/server with its own folder, port, database and Redis.

Tests use the fixtures in tests/conftest.py (`stack`, `shared_stack`, `stack_factory`) rather than this class directly.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import private_redis
import psutil
import psycopg
import redis
from postgres import follow_parent, free_port

from tests.support import prepared
from tests.support.smtp import MailServer

ROOT = Path(__file__).resolve().parent.parent.parent
# Variables of the tests' own settings and of developers, which a started site must not inherit.
NOT_INHERITED = {
    *("ALLOWED_HOSTS", "CI", "DATABASE_URL", "DEBUG", "DEFAULT_FROM_EMAIL", "DJANGO_SETTINGS_MODULE", "EMAIL_URL"),
    *("HOST", "LOG_LEVEL", "MODERATION_POLICY", "PORT", "PYTHONPATH", "REDIS_URL", "SECRET_KEY", "SITE_URL"),
    *("VAR_DIR", "WEB_WORKERS", "DJANGO_ALLOW_ASYNC_UNSAFE", "REPLY_MAIL_MINUTES", "UNDO_SECONDS"),
}


def wait_until(true: Callable[[], object], timeout: float = 30.0, what: str = "it") -> None:
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.05)


class Stack:
    """One site. start() runs it, stop() ends it and fails when a process is left behind."""

    def __init__(
        self,
        *,
        seed_question: bool = False,
        mail: MailServer | None = None,
        env: dict[str, str] | None = None,
        var: Path | None = None,
        fresh: bool = False,
    ) -> None:
        """Use a copy of the prepared site, or an empty folder and database when `fresh`."""
        self.var = var or Path(tempfile.mkdtemp(prefix="hsp-stack-"))
        self.var.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.mail = mail
        self.log = self.var / "server.log"
        self.seed_question = seed_question
        self.database = url_of_a_new_database()
        self.env = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.env["VAR_DIR"] = str(self.var)
        self.env["UNDO_SECONDS"] = "0"  # mails about decisions leave at once, unless a test wants them to wait
        self.env["REPLY_MAIL_MINUTES"] = "0"  # so does every reply
        self.env["STEADY_MILLISECONDS"] = "0"  # and answers when they are ready
        if self.database:
            self.env["DATABASE_URL"] = self.database
        if mail is not None:
            self.env["EMAIL_URL"] = mail.url
        self.env.update(env or {})
        if not fresh and prepared.FOLDER in os.environ:
            prepared.copy_to(self.var, self.env)
        elif self.database:
            prepared.execute(self.database, "CREATE DATABASE {}")
        self.server: subprocess.Popen[bytes] | None = None

    # Start and stop

    def start(self, timeout: float = 90.0) -> "Stack":
        command = [str(ROOT / "script" / "server"), "--port", str(self.port)]
        command += [] if self.seed_question else ["--without-seed-question"]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                command,
                cwd=self.var,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=follow_parent,  # otherwise it would go on running when the tests are killed
            )
        deadline = time.monotonic() + timeout
        while self.status("/readyz") != 200:
            if self.server.poll() is not None or time.monotonic() > deadline:
                text = self.log_text()
                self.destroy()
                raise AssertionError(f"the site did not become ready:\n{text[-6000:]}")
            time.sleep(0.1)
        return self

    def stop(self, number: int = signal.SIGINT, timeout: float = 40.0) -> None:
        """Stop the site like Ctrl-C; fail when it takes too long, exits with an error or leaves a process."""
        if self.server is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.server.send_signal(number)
        try:
            code = self.server.wait(timeout)
        except subprocess.TimeoutExpired:
            text = self.log_text()
            self.destroy()
            raise AssertionError(f"the site did not stop within {timeout} s:\n{text[-6000:]}") from None
        left = [" ".join(process.cmdline()) for process in self.processes()]
        text = self.log_text()
        self.destroy()
        assert not left, f"processes left behind: {left}"
        assert code == 0, f"script/server ended with {code}:\n{text[-6000:]}"

    def destroy(self) -> None:
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self.server is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.server.wait(10)
            self.server = None
        if self.database:
            with contextlib.suppress(psycopg.Error):  # other connections may still be open
                prepared.execute(self.database, "DROP DATABASE IF EXISTS {} WITH (FORCE)")
            self.database = ""
        shutil.rmtree(self.var, ignore_errors=True)
        if private_redis.socket_path(self.var).parent != self.var / "run":
            shutil.rmtree(private_redis.socket_path(self.var).parent, ignore_errors=True)

    # State and log

    def status(self, path: str, timeout: float = 5.0) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Wait until /readyz returns 200 again, after something was killed or stopped."""
        wait_until(lambda: self.status("/readyz") == 200, timeout, "/readyz")

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def processes(self) -> list[psutil.Process]:
        """Return all processes of this site, orphans too: those with its VAR_DIR in their environment.

        Redis overwrites its environment with its title, and is recognised by the socket in that.
        """
        socket = str(private_redis.socket_path(self.var))
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                ours = process.environ().get("VAR_DIR") == str(self.var) or socket in " ".join(process.cmdline())
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def pids(self) -> dict[str, list[int]]:
        """Return process ids by name: server, redis, web, web_child, worker, worker_child, beat, other."""
        assert self.server is not None
        by_name: dict[str, list[int]] = {}
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                name = _name_of(process.cmdline())
                if process.pid == self.server.pid:
                    name = "server"
                elif name in {"web", "worker"} and process.ppid() != self.server.pid:
                    name += "_child"
                by_name.setdefault(name, []).append(process.pid)
        return by_name

    def start_another(self, name: str, number: int) -> subprocess.Popen[bytes]:
        """Start another process of a line of the Procfile, as a second machine would; nothing restarts it."""
        line = next(line for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith(f"{name}: "))
        # A second worker needs another name, a second beat another schedule file.
        line = line.partition(": ")[2].replace("beat-schedule", f"beat-schedule-{number}")
        line += f" --hostname {name}{number}@%h" if name == "worker" else ""
        wait_until(lambda: self.pids().get(name), 30, f"the site's own {name}")
        (first, *_more) = self.pids()[name]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                line,
                shell=True,
                cwd=ROOT,
                env=psutil.Process(first).environ(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=follow_parent,
            )

    # Faults

    def kill(self, name: str, number: int = signal.SIGKILL) -> list[int]:
        pids = self.pids().get(name, [])
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return pids

    def hold(self, name: str) -> None:
        """Prevent the supervisor from restarting a process of the Procfile."""
        (self.var / "run" / f"{name}.hold").touch()

    def release(self, name: str) -> None:
        (self.var / "run" / f"{name}.hold").unlink(missing_ok=True)

    def stop_redis(self, number: int = signal.SIGKILL) -> None:
        self.hold("redis")
        self.kill("redis", number)
        wait_until(lambda: not self.pids().get("redis"), 10, "the end of Redis")

    def start_redis(self) -> None:
        self.release("redis")
        wait_until(self._redis_answers, 20, "Redis")

    def freeze_redis(self) -> None:
        """Suspend Redis: connections are accepted and nothing is answered."""
        assert self.kill("redis", signal.SIGSTOP), "no Redis to freeze"

    def thaw_redis(self) -> None:
        self.kill("redis", signal.SIGCONT)
        wait_until(self._redis_answers, 20, "Redis")

    def redis(self) -> redis.Redis:
        path = str(private_redis.socket_path(self.var))
        return redis.Redis(unix_socket_path=path, socket_timeout=2, socket_connect_timeout=2)

    def _redis_answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), contextlib.closing(self.redis()) as client:
            return bool(client.ping())
        return False

    # Commands

    def manage(self, *arguments: str, check: bool = True) -> str:
        usual = {"DEBUG": "true", "SITE_URL": self.url, "REDIS_URL": private_redis.socket_url(self.var)}
        finished = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=usual | self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if check and finished.returncode:
            raise AssertionError(f"manage.py {arguments[0]} failed:\n{finished.stdout}{finished.stderr}")
        return finished.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--verbosity", "0", "-c", code)


def _name_of(command: list[str]) -> str:
    words = " ".join(command)
    for mark, name in (("-server unixsocket", "redis"), ("granian", "web"), (" worker", "worker"), (" beat", "beat")):
        if mark in words and "resource_tracker" not in words:
            return name
    return "other"


def url_of_a_new_database() -> str:
    url = os.environ.get("DATABASE_URL", "")
    return prepared.named(url, f"stack_{secrets.token_hex(6)}") if url.startswith("postgres") else ""
