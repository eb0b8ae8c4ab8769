"""Environment variables: reading and validating settings, with one clear sentence for a wrong value.

Every variable is listed in docs/configuration.md.
"""

import re
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent


def refuse(variable: str, reason: str) -> ImproperlyConfigured:
    """Return the error for a variable, without its value (it may be a secret)."""
    return ImproperlyConfigured(f"{variable} {reason} See docs/configuration.md.")


def text(variable: str, default: str = "") -> str:
    return str(env.str(variable, default=default)).strip()


def boolean(variable: str, default: bool) -> bool:
    """Return true or false; an unknown word is refused, not guessed."""
    value = text(variable, "true" if default else "false").lower()
    if value in {"true", "1", "yes", "on"}:
        return True
    if value in {"false", "0", "no", "off"}:
        return False
    raise refuse(variable, "must be true or false.")


def number(variable: str, default: int, low: int, high: int) -> int:
    try:
        value = int(text(variable, str(default)))
    except ValueError:
        raise refuse(variable, "must be a whole number.") from None
    if not low <= value <= high:
        raise refuse(variable, f"must be from {low} to {high}.")
    return value


def choice(variable: str, default: str, allowed: set[str]) -> str:
    value = text(variable, default)
    if value not in allowed:
        raise refuse(variable, f"must be one of: {', '.join(sorted(allowed))}.")
    return value


def site_url(debug: bool) -> str:
    value = text("SITE_URL", "http://127.0.0.1:8000" if debug else "").rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise refuse("SITE_URL", "must be the site's address, such as https://hsp.example.org, without a path.")
    if parts.scheme != "https" and not debug:
        raise refuse("SITE_URL", "must start with https:// unless DEBUG is true.")
    return value


def secret_key(debug: bool, var_dir: Path) -> str:
    value = text("SECRET_KEY")
    stored = var_dir / "secret-key"
    if not value and debug:
        value = stored.read_text().strip() if stored.exists() else "development-only-" + "k" * 40
    if len(value) < 40 or len(set(value)) < 5 or (not debug and value.startswith("development-only-")):
        raise refuse("SECRET_KEY", "must be a random text of at least 40 characters.")
    return value


def metrics_token() -> str:
    """Return the token for /metrics; "" turns that page off."""
    value = text("METRICS_TOKEN")
    if value and len(value) < 20:
        raise refuse("METRICS_TOKEN", "must be a random text of at least 20 characters.")
    return value


def database(var_dir: Path) -> dict[str, object]:
    """Return Django's database entry for DATABASE_URL: PostgreSQL, or SQLite (the default).

    SQLite runs in WAL mode with IMMEDIATE transactions: with deferred ones, two writers fail at once with
    "database is locked" instead of waiting for each other.
    """
    url = text("DATABASE_URL", f"sqlite:///{var_dir / 'db.sqlite3'}")
    if url.partition("://")[0] not in {"postgres", "postgresql", "sqlite"}:
        raise refuse("DATABASE_URL", "must be like postgres://user:password@host:5432/name, or sqlite:///path.")
    try:
        entry = dict(env.db_url_config(url))
    except ValueError:
        raise refuse("DATABASE_URL", "must be like postgres://user:password@host:5432/name.") from None
    if entry["ENGINE"] == "django.db.backends.sqlite3":
        entry["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; "
            # Overwrites deleted rows: an erased text must not be readable in the file's free pages.
            "PRAGMA secure_delete=ON;",
        }
    else:
        entry["CONN_MAX_AGE"] = 60
        entry["CONN_HEALTH_CHECKS"] = True
        entry["OPTIONS"] = {**dict(entry.get("OPTIONS", {})), "connect_timeout": 5}
    return entry


def redis_url(var_dir: Path) -> str:
    value = text("REDIS_URL", f"unix://{quote(str(var_dir / 'run' / 'redis.sock'))}?db=0")
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise refuse("REDIS_URL", "must start with redis://, rediss:// or unix://.")
    return value


def broker_url(redis: str) -> str:
    """Return the Redis URL in the form that Celery's transport needs for a unix socket."""
    if not redis.startswith("unix://"):
        return redis
    parts = urlsplit(redis)
    return f"redis+socket://{unquote(parts.path)}" + ("?virtual_host=0" if "db=0" in parts.query else "")


def email_transport(var_dir: Path, debug: bool) -> tuple[str, dict[str, Any]]:
    """Return the mail backend of the worker: dotted path and keyword arguments.

    Development writes .eml files; anything else needs EMAIL_URL: smtp://, smtp+tls:// (STARTTLS) or smtp+ssl://.
    """
    value = text("EMAIL_URL", "file://" if debug else "")
    parts = urlsplit(value)
    if parts.scheme == "file":
        folder = unquote(parts.path) or str(var_dir / "mail")
        return "forum.notifications.delivery.maildrop.MaildropBackend", {"folder": folder}
    if parts.scheme not in {"smtp", "smtp+tls", "smtp+ssl"} or not parts.hostname:
        raise refuse("EMAIL_URL", "must be like smtp+tls://user:password@host:587.")
    options: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtp+ssl",
        "timeout": 20,
    }
    return "django.core.mail.backends.smtp.EmailBackend", options


def sender(default: str) -> str:
    value = text("DEFAULT_FROM_EMAIL", default)
    found = getaddresses([value])
    is_one = len(found) == 1 and re.fullmatch(r"[^@\s<>,]{1,64}@[a-z0-9.:\[\]-]{1,190}", found[0][1], re.IGNORECASE)
    if not is_one or not value.isprintable() or len(value) > 320:
        raise refuse("DEFAULT_FROM_EMAIL", "must be one address, like Articles and answers <no-reply@hsp.example.org>.")
    return value


def dkim(sender: str) -> dict[str, Any]:
    """Return key, selector and domain of the DKIM signature; {} without DKIM_KEY_FILE.

    `sender` is the From of all mail: a signature of another domain does not count for DMARC (alignment).
    """
    file = text("DKIM_KEY_FILE")
    if not file:
        return {}
    try:
        key = Path(file).read_bytes()
        parse_pem_private_key(key)
    except (OSError, UnparsableKeyError):
        raise refuse("DKIM_KEY_FILE", "must name a readable RSA private key (PEM).") from None
    home = parseaddr(sender)[1].rpartition("@")[2].lower()
    domain, selector = text("DKIM_DOMAIN", home).lower(), text("DKIM_SELECTOR")
    if not domain or not f".{home}".endswith(f".{domain}"):
        raise refuse("DKIM_DOMAIN", "must be the domain of DEFAULT_FROM_EMAIL, or one above it.")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", selector, re.IGNORECASE):
        raise refuse("DKIM_SELECTOR", "must be the selector under which the public key stands in DNS.")
    return {"key": key, "selector": selector, "domain": domain}
