"""A bare Debian folder: what debootstrap calls minbase, with this machine's way to its packages and nothing else of it.

Where packages come from is read from this machine's own settings (apt, pip, uv, npm, proxies, certificates), so that
this file contains no address of a server.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from common import ROOT, stop

CLONE = "srv/hsp"  # the checkout inside the folder
WANTED = ("Packages", "Debian")  # what apt calls a list of packages, and who made it
LEAST = ["python3"]
USUAL = ["python3", "python3-venv", "git", "ca-certificates"]
# Files and folders that tell package tools where to go. pip's and npm's belonging to the user are added by name.
SETTINGS = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d",
    "/etc/pip.conf",
    "/etc/xdg/pip",
    "/etc/uv",
    "/etc/npmrc",
]
OF_THE_USER = [".config/pip", ".pip", ".config/uv", ".netrc"]
VARIABLES = re.compile(
    r"(PIP_|UV_|NPM_CONFIG_|SSL_CERT_|(CURL|REQUESTS)_CA_BUNDLE$|NODE_EXTRA_CA_CERTS$)|.*_PROXY$", re.IGNORECASE
)
BUNDLE = Path("etc/ssl/certs/ca-certificates.crt")
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
# A process needs these; the rest of /dev is this machine's and stays outside.
DEVICES = ["null", "zero", "full", "random", "urandom", "tty"]


def make(folder: Path, packages: list[str]) -> None:
    """Fill the empty folder; call this where mounts are private, since they end with the process."""
    sources = debian_sources()
    suite, site = main_source(sources)
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", suite, str(folder), site]
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if finished.returncode:
        raise stop(f"debootstrap failed:\n{finished.stdout[-3000:]}{finished.stderr}")
    lines = [f"deb {site} {release} {component}" for site, release, component in sources]
    (folder / "etc/apt/sources.list").write_text("\n".join(lines) + "\n")
    (folder / "etc/apt/apt.conf.d/99this-machine").write_text(apt_settings())
    copy_settings(folder)
    copy_certificates(folder)
    mount(folder)
    clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder / CLONE)]
    if subprocess.run(clone, stdin=subprocess.DEVNULL).returncode:
        raise stop("git could not clone this checkout.")


def debian_sources() -> list[tuple[str, str, str]]:
    """Return the site, the release and the component of each of apt's sources."""
    command = ["apt-get", "indextargets", "--format", "$(IDENTIFIER)|$(ORIGIN)|$(SITE)|$(RELEASE)|$(COMPONENT)"]
    listed = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    found = [line.split("|") for line in listed.splitlines()]
    sources = [(site, release, part) for kind, origin, site, release, part in found if (kind, origin) == WANTED]
    if not sources:
        raise stop("apt knows no source of Debian's packages here: run apt-get update, and see /etc/apt.")
    return list(dict.fromkeys(sources))


def main_source(sources: list[tuple[str, str, str]]) -> tuple[str, str]:
    """Return the release that this machine runs, and the site of its packages."""
    described = Path("/etc/os-release").read_text(encoding="utf-8")
    name = dict(line.split("=", 1) for line in described.splitlines() if "=" in line)["VERSION_CODENAME"].strip('"')
    for site, release, component in sources:
        if (release, component) == (name, "main"):
            return release, site
    raise stop(f"apt has no source of Debian {name} here.")


def apt_settings() -> str:
    dumped = subprocess.run(["apt-config", "dump"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    kept = [line for line in dumped.splitlines() if re.match(r"Acquire::(?!IndexTargets|Languages|GzipIndexes)", line)]
    return "\n".join(kept) + "\n"


def copy_settings(folder: Path) -> None:
    home = Path.home()
    pairs = [(Path(name), folder / name.lstrip("/")) for name in SETTINGS]
    pairs += [(home / name, folder / "root" / name) for name in OF_THE_USER]
    for source, target in pairs:
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    # Which file npm calls its global one depends on who packaged it: both become the user's.
    files = []
    if shutil.which("npm"):
        command = ["npm", "config", "get", "globalconfig"]
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
        files.append(Path(answer.stdout.strip() or "/none"))
    texts = [path.read_text(encoding="utf-8") for path in [*files, home / ".npmrc"] if path.is_file()]
    (folder / "root/.npmrc").write_text("\n".join(texts))


def copy_certificates(folder: Path) -> None:
    bundle = Path("/") / BUNDLE
    if not bundle.is_file():
        return
    text = bundle.read_text(encoding="utf-8")
    (folder / BUNDLE).parent.mkdir(parents=True, exist_ok=True)
    (folder / BUNDLE).write_text(text)
    usual = "".join(path.read_text(encoding="utf-8") for path in Path("/usr/share/ca-certificates").rglob("*.crt"))
    known = set(CERTIFICATE.findall(usual))
    own = folder / "usr/local/share/ca-certificates"
    own.mkdir(parents=True, exist_ok=True)
    for number, certificate in enumerate(CERTIFICATE.findall(text)):
        if certificate not in known:
            (own / f"this-machine-{number}.crt").write_text(certificate + "\n")


def local_indexes() -> list[Path]:
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    ).stdout
    words = re.findall(r"(?:^|[\s'=])(?:file://)?(/[^\s']+)", listed)
    # The index beside its files: /opt/pypi for /opt/pypi/simple.
    return list(dict.fromkeys(Path(*Path(word).parts[:3]) for word in words if Path(word).is_dir()))


def mount(folder: Path) -> None:
    pairs = [["-t", "proc", "proc", "proc"], ["-o", "ro", "-t", "sysfs", "sysfs", "sys"]]
    pairs += [["-t", "tmpfs", "-o", "mode=1777", "tmpfs", "dev/shm"]]
    pairs += [["-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", "dev/pts"]]
    for name in DEVICES:
        pairs.append(["--bind", f"/dev/{name}", f"dev/{name}"])
        (folder / "dev" / name).touch()
    for path in local_indexes():
        pairs.append(["-o", "ro", "--bind", str(path), str(path).lstrip("/")])
    for *how, where in pairs:
        target = folder / where
        if not target.exists():
            target.mkdir(parents=True)
        if subprocess.run(["mount", *how, str(target)], stdin=subprocess.DEVNULL).returncode:
            raise stop(f"Cannot mount {target}.")


def environment() -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if VARIABLES.match(name)}
    bare = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    return {**passed, **bare}


def leftovers(folder: Path) -> list[int]:
    """Return the ids of the processes that still run inside the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = (entry / "root").readlink().is_relative_to(folder)
            except OSError:  # it ended meanwhile
                continue
            if inside:
                found.append(int(entry.name))
    return found
