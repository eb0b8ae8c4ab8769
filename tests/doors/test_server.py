"""script/server: it starts, it heals, it stops, and it says clearly why it will not start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from postgres import free_port

from tests.conftest import StackFactory
from tests.support.stack import ROOT, Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=50)]
neutral = pytest.mark.database_neutral


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One site for the tests that leave it whole, begun from nothing in a folder with a long name and spaces in it."""
    stack = Stack(fresh=True, var=tmp_path_factory.mktemp("lasting") / ("a long name " * 10).strip())
    try:
        yield stack.start()
        stack.stop()
    finally:
        stack.destroy()


def test_ctrl_c_stops_everything(stack_factory: StackFactory) -> None:
    """Begun from nothing, on each database; stop() itself fails when a process is left or the exit code is not 0."""
    stack = stack_factory(fresh=True)
    names = stack.pids()
    assert {"server", "redis", "web", "web_child", "worker", "worker_child", "beat"} <= set(names)
    assert names["server"] == [stack.server.pid if stack.server else 0]
    stack.stop()


@neutral
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_be_told_to_stop(stack: Stack, number: signal.Signals) -> None:
    """As a service manager does it, and as a closed terminal does it."""
    stack.stop(number)


@neutral
def test_ctrl_c_twice_stops_at_once(stack: Stack) -> None:
    """Even when a part of the site hangs."""
    stack.freeze_redis()
    assert stack.server is not None
    stack.server.send_signal(signal.SIGINT)
    time.sleep(0.3)
    began = time.monotonic()
    stack.stop(signal.SIGINT)
    assert time.monotonic() - began < 5


@neutral
def test_what_dies_is_started_again(lasting: Stack) -> None:
    """Killed parents leave no orphans that hold the port or take tasks, and the site becomes whole again."""
    before = lasting.pids()
    whole = {name: len(pids) for name, pids in before.items()}
    for name in ("redis", "web", "worker", "beat"):
        assert lasting.kill(name)
    wait_until(lambda: {name: len(pids) for name, pids in lasting.pids().items()} == whole, 30, "all processes")
    lasting.wait_until_ready()
    after = lasting.pids()
    for name in set(before) - {"server", "other"}:
        assert not set(before[name]) & set(after[name]), f"{name} survived"


@neutral
def test_nothing_survives_a_killed_supervisor(stack: Stack) -> None:
    """Nobody is left to stop the others, and they go all the same."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells children that their parent died")
    stack.kill("server")
    wait_until(lambda: not stack.processes(), 20, "the end of all processes")
    stack.destroy()


@neutral
def test_a_held_process_stays_down(lasting: Stack) -> None:
    """What tests and operators rely on to see the site without Redis."""
    lasting.stop_redis()
    time.sleep(1.5)
    assert "redis" not in lasting.pids()
    assert lasting.status("/healthz") == 200
    lasting.start_redis()
    lasting.wait_until_ready()


@neutral
def test_second_site_in_the_same_folder_is_refused(lasting: Stack) -> None:
    """Two Redis servers on one file would spoil it."""
    finished = start_in_vain(lasting.var, "--port", str(free_port()))
    assert "already runs" in finished.stderr
    assert lasting.status("/healthz") == 200


@neutral
def test_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    """The folder stays empty: nothing was prepared."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = start_in_vain(tmp_path, "--port", str(port))
    assert f"Port {port} is in use" in finished.stderr
    assert list(tmp_path.iterdir()) == []


@neutral
def test_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    """No traceback for somebody who mistyped a variable."""
    finished = start_in_vain(tmp_path, "--port", str(free_port()), DATABASE_URL="oracle://nobody@127.0.0.1/x")
    assert "DATABASE_URL" in finished.stderr
    assert "Traceback" not in finished.stderr


@neutral
def test_long_folder_gets_a_short_socket(lasting: Stack) -> None:
    """The kernel takes about a hundred characters for the path of a socket; folders may be longer, and have spaces."""
    assert len(str(lasting.var)) > 120
    assert lasting.redis().ping()
    assert "redis" in lasting.pids()
    assert not [c for pid in lasting.pids()["redis"] for c in psutil.Process(pid).net_connections("tcp")]


def start_in_vain(var_dir: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run script/server where it must refuse, and return what it said."""
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    finished = subprocess.run(
        [str(ROOT / "script" / "server"), *arguments],
        env={**inherited, "VAR_DIR": str(var_dir), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 1, finished
    return finished
