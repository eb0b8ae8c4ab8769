"""Check everything: lint, migrations, settings, the tests on SQLite and on PostgreSQL, and one line as the sum."""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import libraries
import postgres
from common import ROOT, end_on_signals, in_ci, install_debian_packages, say

UNIT = "not stack and not browser and not slow"
QUICK = f"{UNIT} and not table and not costly"
# Whole files, in the order of tests/conftest.py: what shares a site shares a process. Three, since they often wait for
# a server, the worker or a browser: two left two processors idle for a third of the time.
SEVERAL_AT_A_TIME = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
# These do not wait, and each further process would collect all tests and migrate a database once more.
TWO_AT_A_TIME = ["-n", "2", *SEVERAL_AT_A_TIME[2:]]
# The long runs of faults, with what they print and how long each took.
FAULTS = ["-m", "faults", "-rP", "--show-capture=stdout", "--durations=0", "--durations-min=1"]
LIMIT = 40 * 60  # seconds for the tests on one database; a hung test must not hang everything
NO_TESTS_CHOSEN = 5  # pytest's exit code
SHELL = "chromium-headless-shell"  # the same engine without windows, and quicker; Debian's package of that name
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHECKER = "vnu-jar@26.9.27"
# As in production, but for the values: `check --deploy` must find nothing.
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SITE_URL": "https://hsp.example.org",
    "ALLOWED_HOSTS": "hsp.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "REDIS_URL": "redis://redis.example.org:6379/0",
    "DATABASE_URL": "postgres://user:password@database.example.org:5432/hsp",
}
DEVELOPMENT = {"DEBUG": "true", "SECRET_KEY": "check-only-0123456789-abcdefghijklmnopqrstuvwxyz"}


def main() -> None:
    end_on_signals()
    # Hundreds of processes of the site are started: none may have to compile the same modules again. Some containers
    # ask for that.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parser = argparse.ArgumentParser(prog="script/test", allow_abbrev=False, description="Check everything.")
    parser.add_argument("--quick", action="store_true", help="lint and the unit tests on SQLite only")
    parser.add_argument(
        "--faults", action="store_true", help="only the long runs in which every part is killed, a quarter of an hour"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options, pytest_arguments = parser.parse_known_args()
    try:
        failed, counts = (faults if options.faults else everything)(options, pytest_arguments)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if not counts["passed"] and not counts["failed"]:
        failed.append("no test ran")
    if failed:
        say(f"\nFAILED: {', '.join(failed)}")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    say(f"\n{counts['passed']} passed, {counts['failed']} failed{skipped}")
    raise SystemExit(1 if failed else 0)


def everything(options: argparse.Namespace, pytest_arguments: list[str]) -> tuple[list[str], Counter[str]]:
    """Return the names of the failed steps and the counts of tests."""
    counts: Counter[str] = Counter()
    if options.quick:
        chosen = ["-m", UNIT, *pytest_arguments] if pytest_arguments else ["-m", QUICK, *TWO_AT_A_TIME]
        # At the same time, since each of the two leaves a processor idle now and then.
        with beside("lint", ["script/lib/lint.py"], {}) as lint_succeeds:
            well = tests("SQLite", chosen, {}, counts)
            failed = [name for name, good in (("lint", lint_succeeds()), ("tests", well)) if not good]
        return failed, counts
    failed = []
    # Lint is longer than anything else that needs no tool: it runs beside what follows.
    with beside("lint", ["script/lib/lint.py"], {}) as lint_succeeds:
        if not run("missing migrations", ["manage.py", "makemigrations", "--check", "--dry-run"], DEVELOPMENT):
            failed.append("missing migrations")
        if not run("production settings", ["manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION):
            failed.append("production settings")
        tools, missing = find_tools()
        failed += missing if in_ci() else []
        if options.database != "postgresql" and not tests("SQLite", pytest_arguments, tools, counts):
            failed.append("tests on SQLite")
        failed += [] if lint_succeeds() else ["lint"]
    if options.database != "sqlite":
        with postgres.running() as url:
            if not tests("PostgreSQL", pytest_arguments, {**tools, "DATABASE_URL": url}, counts):
                failed.append("tests on PostgreSQL")
    for message in missing:
        say(f"\nMISSING ON THIS MACHINE: {message}")
    return failed, counts


def faults(options: argparse.Namespace, pytest_arguments: list[str]) -> tuple[list[str], Counter[str]]:
    failed, counts = [], Counter[str]()
    chosen, environment = [*FAULTS, *pytest_arguments], {"FAULTS": "long"}
    if options.database != "postgresql":
        say("\n=== faults on SQLite")
        if not run_pytest("faults-sqlite", chosen, environment, counts):
            failed.append("faults on SQLite")
    if options.database != "sqlite":
        say("\n=== faults on PostgreSQL")
        with postgres.running() as url:
            if not run_pytest("faults-postgresql", chosen, {**environment, "DATABASE_URL": url}, counts):
                failed.append("faults on PostgreSQL")
    return failed, counts


def run(name: str, command: list[str], environment: dict[str, str]) -> bool:
    with beside(name, command, environment) as succeeds:
        return succeeds()


@contextlib.contextmanager
def beside(name: str, command: list[str], environment: dict[str, str]) -> Iterator[Callable[[], bool]]:
    """Run a Python program during the block; the function waits for it, shows its output and returns its success."""
    with tempfile.TemporaryDirectory(prefix="hsp-check-") as var_dir, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "VAR_DIR": var_dir, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )

        def succeeds() -> bool:
            process.wait()
            said.seek(0)
            say(f"\n=== {name}\n{said.read().decode(errors='replace').strip()}")
            return process.returncode == 0

        try:
            yield succeeds
        finally:
            process.terminate()
            process.wait()


def tests(database: str, chosen: list[str], environment: dict[str, str], counts: Counter[str]) -> bool:
    """Run all tests three at a time, and then those that measure time alone; or only the chosen ones."""
    say(f"\n=== tests on {database}")
    name = database.lower()
    if chosen:
        return run_pytest(name, chosen, environment, counts)
    together = run_pytest(name, [*SEVERAL_AT_A_TIME, "-m", "not alone"], environment, counts)
    alone = run_pytest(f"{name}-alone", ["-m", "alone"], environment, counts)
    return together and alone


def run_pytest(name: str, arguments: list[str], environment: dict[str, str], counts: Counter[str]) -> bool:
    report = ROOT / "var" / "test-results" / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-rs", f"--junitxml={report}", *arguments],
        cwd=ROOT,
        # The ids of parametrized tests must be the same in both processes, also where they show a set.
        env={**inherited, "PYTHONHASHSEED": "0", **environment},
        stdin=subprocess.DEVNULL,
    )
    code = wait(process)
    with contextlib.suppress(OSError, ElementTree.ParseError):
        add_up(report, counts)
    return code in {0, NO_TESTS_CHOSEN}


def wait(process: "subprocess.Popen[bytes]") -> int:
    """After the limit, or when this process is told to end, let pytest clean up as after a Ctrl-C."""
    try:
        return process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        say(f"The tests took more than {LIMIT // 60} minutes: stopping them.")
    except KeyboardInterrupt:
        process.wait(90)  # the terminal told pytest as well
        raise
    except SystemExit:
        finish(process)
        raise
    finish(process)
    return 1


def finish(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(90)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def add_up(report: Path, counts: Counter[str]) -> None:
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own file
        number = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        bad = number["failures"] + number["errors"]
        counts.update(failed=bad, skipped=number["skipped"], passed=number["tests"] - bad - number["skipped"])


def find_tools() -> tuple[dict[str, str], list[str]]:
    """Return the environment for pytest and the names of missing tools."""
    environment, missing = {}, []
    if not shutil.which(SHELL) and not os.environ.get("CHROMIUM"):
        # With chromium, so that apt keeps the two at one version; without the shell where there is no such package.
        there = install_debian_packages(SHELL, "chromium") or any(map(shutil.which, CHROMIUM))
        if not there and not install_debian_packages("chromium"):
            missing.append("Chromium (apt-get install chromium, or set CHROMIUM): browser tests are skipped")
    jar = html_checker()
    if jar is None:
        missing.append("the Nu HTML checker (needs npm and java): tests of valid HTML are skipped")
    else:
        environment["VNU_JAR"] = str(jar)
    # script/bootstrap installed them where it could.
    missing += map(libraries.advice, libraries.lacking(Path(sysconfig.get_path("purelib"))))
    return environment, missing


def html_checker() -> Path | None:
    """Return the jar file, installed under var/tools with npm if needed; None if Java cannot run it."""
    wanted = {"npm": "npm", "java": "default-jre-headless"}
    lacking = [package for program, package in wanted.items() if not shutil.which(program)]
    if lacking:
        install_debian_packages(*lacking)
    if not all(map(shutil.which, wanted)):
        return None
    name, version = CHECKER.split("@")
    folder = ROOT / "var" / "tools" / f"{name}-{version}"
    jar = folder / "node_modules" / name / "build" / "dist" / "vnu.jar"
    if not jar.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            "npm",
            "install",
            "--no-save",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(folder),
            CHECKER,
        ]
        subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL)
    return jar if jar.is_file() else None


if __name__ == "__main__":
    main()
