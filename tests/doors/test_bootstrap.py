"""script/bootstrap: quick when nothing changed, from anywhere, several at once, and clear when Python is too old.

That it makes an environment from nothing is shown by every fresh clone in which the tests run at all.
"""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.stack import ROOT

pytestmark = pytest.mark.database_neutral
BOOTSTRAP = str(ROOT / "script" / "bootstrap")


def test_second_call_is_quick_from_any_folder(tmp_path: Path) -> None:
    """Every door calls it each time."""
    began = time.monotonic()
    finished = subprocess.run([BOOTSTRAP, "--dev"], cwd=tmp_path, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    assert time.monotonic() - began < 3


def test_several_at_once(tmp_path: Path) -> None:
    """They wait for each other and all succeed."""
    calls = [subprocess.Popen([BOOTSTRAP], cwd=tmp_path, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [call.wait(30) for call in calls] == [0, 0, 0, 0]


def test_goes_on_as_the_same_process(tmp_path: Path) -> None:
    """So that a signal to script/server reaches the supervisor; arguments with spaces arrive whole."""
    target = tmp_path / "target with space.py"
    target.write_text("import os, sys; print(os.getpid(), sys.argv[1:])")
    call = subprocess.Popen([BOOTSTRAP, "--then", str(target), "a b", "--c"], stdout=subprocess.PIPE, text=True)
    assert call.communicate(timeout=30)[0].strip() == f"{call.pid} ['a b', '--c']"


def test_no_recent_python_is_said(tmp_path: Path) -> None:
    """A checkout without .venv, on a machine whose every Python is too old."""
    (tmp_path / "script").mkdir()
    door = tmp_path / "script" / "bootstrap"
    door.write_bytes(Path(BOOTSTRAP).read_bytes())
    door.chmod(0o755)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python3", "python3.11"):
        (programs / name).write_text("#!/bin/sh\nexit 1\n")
        (programs / name).chmod(0o755)
    (programs / "dirname").symlink_to("/usr/bin/dirname")
    finished = subprocess.run([str(door)], env={"PATH": str(programs)}, capture_output=True, text=True)
    assert finished.returncode == 1
    assert "Python 3.11 or newer" in finished.stderr
    assert not os.path.lexists(tmp_path / ".venv")
