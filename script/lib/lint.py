"""Look at the code without running it: ruff, mypy, djlint, import-linter. One call shows everything."""

import os
import subprocess
import sys
import tempfile

from common import ROOT, end_on_signals, say

# mypy's Django plugin reads the settings; these are enough for it, but not for running the site.
ENVIRONMENT = {"DEBUG": "true", "SECRET_KEY": "lint-only-and-never-used-to-sign-anything-0123456789"}


def steps(fix: bool) -> list[tuple[str, list[str]]]:
    """Return the name of each check, and the arguments for `python`."""
    import_linter = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return [
        ("ruff check", ["-m", "ruff", "check", *(["--fix"] if fix else [])]),
        ("ruff format", ["-m", "ruff", "format", *([] if fix else ["--check"])]),
        ("mypy", ["-m", "mypy"]),
        ("djlint", ["-m", "djlint", "templates", "--lint", "--quiet"]),
        ("import-linter", ["-c", import_linter, "--no-logo", "--no-cache"]),
    ]


def main() -> None:
    end_on_signals()
    failed = []
    with tempfile.TemporaryDirectory(prefix="hsp-lint-") as var_dir:
        environment = {**os.environ, **ENVIRONMENT, "VAR_DIR": var_dir, "PYTHONPATH": str(ROOT)}
        for name, command in steps("--fix" in sys.argv[1:]):
            finished = subprocess.run(
                [sys.executable, *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if finished.returncode:
                failed.append(name)
                say(f"--- {name}\n{finished.stdout.strip()}")
    say(f"lint: found something in {', '.join(failed)}" if failed else "lint: nothing found")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
