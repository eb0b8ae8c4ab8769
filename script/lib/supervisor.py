"""One process that keeps the processes of the Procfile running, and leaves none behind when it goes.

honcho reads the Procfile and prints the lines. Supervision is our own, because honcho ends everything when one process
dies, but the site must recover: a process that dies by itself is started again after a second. While the file
`<run_dir>/<name>.hold` exists that one stays down (tests use it; so can an operator).

SIGINT, SIGTERM and SIGHUP stop everything: first the processes that use Redis, then Redis. A second one kills at once.
Should the supervisor itself be killed, Linux sends its children SIGTERM. Every process leads a group of its own, so
that a terminal's Ctrl-C reaches the supervisor alone and what a dead process left behind can be cleared away.
"""

import asyncio
import contextlib
import ctypes
import datetime
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from honcho.colour import get_colours
from honcho.printer import Message, Printer

RESTART_AFTER = 1.0  # seconds
PATIENCE = {"redis": 5.0}  # seconds from SIGTERM to SIGKILL
USUAL_PATIENCE = 20.0  # a worker may be in the middle of handing a mail to a slow server
REDIS_PATIENCE = 10.0  # seconds that the others wait for Redis
LAST = "redis"  # stopped after all others, started before them
PR_SET_PDEATHSIG = 1
LONGEST_LINE = 64 * 1024

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Lines:
    def __init__(self, names: list[str]) -> None:
        self.printer = Printer(sys.stdout, width=max(map(len, [*names, "site"])))
        self.colours: Iterator[str] = get_colours()
        self.colour = {name: next(self.colours) for name in names}
        self.readable = True

    def write(self, name: str, text: str) -> None:
        # A closed terminal or pipe is no reason to fail.
        if not self.readable:
            return
        now = datetime.datetime.now()
        try:
            self.printer.write(Message("line", text, now, name, self.colour.get(name)))
        except (OSError, ValueError):
            self.readable = False


class Kept:
    def __init__(self, name: str, command: str, hold: Path) -> None:
        self.name = name
        self.command = command
        self.hold = hold
        self.process: asyncio.subprocess.Process | None = None
        self.task: asyncio.Task[None] | None = None

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    def __init__(
        self,
        commands: Mapping[str, str],
        cwd: Path,
        env: Mapping[str, str],
        run_dir: Path,
        unsaid: Mapping[str, re.Pattern[str]] | None = None,
    ) -> None:
        """`unsaid` holds patterns of lines that are not printed, by the name of the process."""
        self.unsaid = dict(unsaid or {})
        self.kept = {name: Kept(name, line, run_dir / f"{name}.hold") for name, line in commands.items()}
        self.cwd = cwd
        self.env = dict(env)
        self.lines = Lines(list(commands))
        self.stopping = asyncio.Event()

    async def run(self, prepare: Callable[[], Awaitable[int]] | None = None) -> int:
        """`prepare` runs when only Redis runs; an exit code other than 0 stops everything, and is returned."""
        code = 0
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ask_to_stop)
        try:
            if LAST in self.kept:
                self.start(self.kept[LAST])
                await self.wait_for_redis()
            code = await self.prepared(prepare) if prepare else 0
            for kept in self.kept.values():
                if kept.task is None and not self.stopping.is_set():
                    self.start(kept)
            await self.stopping.wait()
        finally:
            await self.stop_all()
        return code

    async def prepared(self, prepare: Callable[[], Awaitable[int]]) -> int:
        task = asyncio.ensure_future(prepare())
        stop = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            return 0
        if task.result():
            self.stopping.set()
        return task.result()

    def ask_to_stop(self) -> None:
        """The second call stops everything at once."""
        if self.stopping.is_set():
            for kept in self.kept.values():
                kept.signal_group(signal.SIGKILL)
            return
        self.lines.write("site", "stopping (once more stops at once)")
        self.stopping.set()

    def start(self, kept: Kept) -> None:
        kept.task = asyncio.create_task(self.keep(kept))

    async def keep(self, kept: Kept) -> None:
        while not self.stopping.is_set():
            if kept.hold.exists():
                await self.pause(0.1)
                continue
            code = await self.run_once(kept)
            if not self.stopping.is_set():
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                self.lines.write("site", f"{kept.name} ended by itself ({how}); starting it again")
                await self.pause(RESTART_AFTER)

    async def run_once(self, kept: Kept) -> int:
        """Return the exit code.

        The pipe is our own: with asyncio's, wait() would wait for every orphan that still holds the other end.
        """
        read_end, write_end = os.pipe()
        try:
            kept.process = await asyncio.create_subprocess_shell(
                kept.command,
                cwd=self.cwd,
                env=self.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=follow_parent if libc else None,
            )
        finally:
            os.close(write_end)
        if self.stopping.is_set():  # asked to stop while this one was being started
            kept.process.terminate()
        relay = asyncio.create_task(self.relay(kept.name, read_end))
        code = await kept.process.wait()
        kept.signal_group(signal.SIGKILL)
        await asyncio.wait([relay], timeout=2)
        relay.cancel()
        return code

    async def relay(self, name: str, read_end: int) -> None:
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read_end, "rb", buffering=0)
        )
        rest = b""
        try:
            while chunk := await stream.read(LONGEST_LINE):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) >= LONGEST_LINE:
                    lines, rest = [*lines, rest], b""
                for line in lines:
                    self.write(name, line)
            if rest:
                self.write(name, rest)
        finally:
            transport.close()

    def write(self, name: str, line: bytes) -> None:
        text = line.decode(errors="replace")
        if name not in self.unsaid or not self.unsaid[name].search(text):
            self.lines.write(name, text)

    async def pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def wait_for_redis(self) -> None:
        """Go on after a while without it: the site works without Redis."""
        address = urlsplit(self.env.get("REDIS_URL", ""))
        deadline = asyncio.get_running_loop().time() + REDIS_PATIENCE
        while address.scheme == "unix" and not self.stopping.is_set():
            if await answers(unquote(address.path)) or asyncio.get_running_loop().time() > deadline:
                return
            await self.pause(0.02)

    async def stop_all(self) -> None:
        self.stopping.set()
        others = [kept for kept in self.kept.values() if kept.name != LAST]
        last = [kept for kept in self.kept.values() if kept.name == LAST]
        for group in (others, last):
            await asyncio.gather(*(self.end(kept) for kept in group))

    async def end(self, kept: Kept) -> None:
        if kept.task is None:
            return
        if kept.process is not None and kept.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                kept.process.terminate()
        await asyncio.wait([kept.task], timeout=PATIENCE.get(kept.name, USUAL_PATIENCE))
        if not kept.task.done():
            self.lines.write("site", f"{kept.name} does not stop: killing it")
            kept.signal_group(signal.SIGKILL)
            await asyncio.wait([kept.task], timeout=5)


async def answers(path: str) -> bool:
    # While Redis reads its file it says LOADING instead of PONG.
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"PING\r\n")
            answer = await reader.readline()
            writer.close()
    except OSError:  # TimeoutError is one
        return False
    return answer.startswith(b"+PONG")


def follow_parent() -> None:
    """Call in a new child, before it becomes its program: Linux sends it SIGTERM when the supervisor dies."""
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
