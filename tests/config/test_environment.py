"""Wrong settings are refused with a sentence that names the variable and never shows its value."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

GOOD_KEY = "a-good-secret-key-0123456789-abcdefghijklmnop"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "SECRET_KEY", "DEBUG", "WORD", "NUMBER"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("value", ["maybe", "2", "tru"])
def test_a_boolean_is_never_guessed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEBUG", value)
    with pytest.raises(ImproperlyConfigured, match="DEBUG must be true or false"):
        environment.boolean("DEBUG", False)


@pytest.mark.parametrize(("value", "problem"), [("x", "whole number"), ("-1", "from 0 to 9"), ("10", "from 0 to 9")])
def test_numbers_have_bounds(monkeypatch: pytest.MonkeyPatch, value: str, problem: str) -> None:
    monkeypatch.setenv("NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match=problem):
        environment.number("NUMBER", 5, 0, 9)


def test_a_choice_names_what_is_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "publish-all")
    with pytest.raises(ImproperlyConfigured, match="hold-all, trust-members"):
        environment.choice("WORD", "hold-all", {"hold-all", "trust-members"})


@pytest.mark.parametrize(
    "url", ["mysql://u:p4ss@localhost/x", "mongodb://x", "nonsense", "oracle://scott:tiger@localhost/x"]
)
def test_other_databases_are_refused_without_showing_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        environment.database(tmp_path)
    assert "p4ss" not in str(refusal.value)
    assert "tiger" not in str(refusal.value)


def test_sqlite_waits_its_turn_and_syncs(tmp_path: Path) -> None:
    options = environment.database(tmp_path)["OPTIONS"]
    assert isinstance(options, dict)
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=FULL" in options["init_command"]


@pytest.mark.parametrize("url", ["http://hsp.example.org", "hsp.example.org", "https://", "https://x.org/path", ""])
def test_production_wants_an_https_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SITE_URL", url)
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        environment.site_url(debug=False)


@pytest.mark.parametrize("key", ["", "short", "x" * 60, "development-only-" + "abcdefgh" * 5])
def test_weak_secret_keys_are_refused_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY") as refusal:
        environment.secret_key(debug=False, var_dir=tmp_path)
    assert not key or key not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "amqp://localhost"])
def test_only_redis_is_taken_for_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        environment.redis_url(tmp_path)


def test_a_unix_socket_is_given_to_celery_in_its_own_words() -> None:
    assert environment.broker_url("unix:///run/r.sock?db=0") == "redis+socket:///run/r.sock?virtual_host=0"
    assert environment.broker_url("redis://:pw@host:6379/2") == "redis://:pw@host:6379/2"


@pytest.mark.parametrize("url", ["", "console://", "smtp://", "http://mail"])
def test_production_wants_a_mail_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        environment.email_transport(tmp_path, debug=False)


def test_mail_passwords_may_hold_any_character(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://me%40x.org:p%3Aw%2F@mail.example.org")
    _backend, options = environment.email_transport(tmp_path, debug=False)
    assert (options["username"], options["password"], options["port"]) == ("me@x.org", "p:w/", 587)
    assert options["use_tls"]
    assert not options["use_ssl"]


@pytest.mark.parametrize(
    "value",
    [
        *("nobody", "a@b@c", "Two <a@b.test>, c@d.test", "A <a@b.test>\nBcc: x@y.test", "A\u2028B <a@b.test>"),
        *("A\u202e <a@b.test>", f"{'A' * 400} <a@b.test>", "<>", "A <a b@c.test>"),
    ],
)
def test_the_sender_is_one_address_on_one_line(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", value)
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_FROM_EMAIL"):
        environment.sender("Articles <no-reply@hsp.example.org>")


@pytest.mark.parametrize("value", ["no-reply@hsp.example.org", "Ä und Ö <no-reply@127.0.0.1>", '"A, B" <a@localhost>'])
def test_a_sender_may_have_a_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEFAULT_FROM_EMAIL", value)
    assert environment.sender("") == value


@pytest.mark.slow
def test_the_site_does_not_start_with_a_wrong_setting(tmp_path: Path) -> None:
    """The refusal reaches the operator as the last line, before anything runs."""
    env = {
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": GOOD_KEY,
        "SITE_URL": "https://hsp.example.org",
        "EMAIL_URL": "smtp://localhost",
        "ALLOWED_HOSTS": "*",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=env,
        cwd=environment.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "ALLOWED_HOSTS must name the site's hosts" in done.stderr.strip().splitlines()[-1]
