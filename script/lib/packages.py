"""Install Python packages into .venv: with uv, which takes a third of pip's time or less, or else with pip itself.

uv does not read pip's settings, and on some machines those are the only way to a package index. They are handed on;
with one that has no counterpart here, and wherever uv cannot be had or does not succeed, pip does the work.
"""

import ast
import os
import subprocess
from pathlib import Path

from common import ROOT, say

CONSTRAINTS = ROOT / "constraints.txt"
# pip's settings that change nothing about what is installed.
OF_NO_MATTER = {"disable-pip-version-check", "no-input", "progress-bar", "quiet", "no-color", "verbose", "retries"} | {
    "cache-dir",
    "no-cache-dir",
    "root-user-action",
    "require-virtualenv",
    "break-system-packages",
    "no-warn-script-location",
    "no-python-version-warning",
    "prefer-binary",
}
# pip's settings that uv takes as options, each word of the value with an option of its own.
OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "constraint": "--constraint",
    "trusted-host": "--allow-insecure-host",
}
# pip's settings that uv takes from the environment.
VARIABLES = {
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}


def install(python: Path, requirements: str) -> bool:
    return with_uv(python, requirements) or with_pip(python, ["--requirement", str(ROOT / requirements)])


def with_pip(python: Path, what: list[str], quietly: bool = False) -> bool:
    command = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    # Root may install into this environment, which is our own.
    command += ["--root-user-action=ignore", "--constraint", str(CONSTRAINTS), *what]
    return run(command, {}, quietly)


def with_uv(python: Path, requirements: str) -> bool:
    """Install with uv, which pip installs first; return False without a message if there is no uv."""
    options = uv_options(pip_settings(python))
    if options is None or not with_pip(python, ["--only-binary=uv", "uv"], quietly=True):
        return False
    arguments, environment = options
    command = [str(python.with_name("uv")), "pip", "install", "--quiet", "--python", str(python)]
    command += ["--requirement", str(ROOT / requirements), "--constraint", str(CONSTRAINTS), *arguments]
    # As with pip, the best version of all indexes.
    command += ["--index-strategy", "unsafe-best-match"]
    if run(command, environment):
        return True
    say("uv could not install the packages: trying it with pip.")
    return False


def run(command: list[str], environment: dict[str, str], quietly: bool = False) -> bool:
    output = subprocess.DEVNULL if quietly else None
    return not subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    ).returncode


def pip_settings(python: Path) -> dict[str, str]:
    """Return pip's settings from its files and from the environment; the strongest one wins."""
    command = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, setting = name.partition(".")
        if section in found:
            found[section][setting] = str(ast.literal_eval(value))
    return {**found["global"], **found["install"], **found[":env:"]}


def uv_options(settings: dict[str, str]) -> tuple[list[str], dict[str, str]] | None:
    """Return the same settings as arguments and environment; None if uv has no counterpart for one of them."""
    arguments: list[str] = []
    environment: dict[str, str] = {}
    for name, value in settings.items():
        if name in OPTIONS:
            arguments += [part for word in value.split() for part in (OPTIONS[name], word)]
        elif name in VARIABLES:
            environment[VARIABLES[name]] = value
        elif name == "no-index":
            arguments += ["--no-index"] * (value.lower() in {"1", "true", "yes", "on"})
        elif name not in OF_NO_MATTER:
            return None
    return arguments, environment
