"""Signed mail: receivers can check it, changed mail fails, and wrong settings are refused before anything is sent."""

import base64
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured

from config import environment
from forum.notifications.delivery.sign import SignedMail

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SENDER = "Answers <no-reply@hsp.example.org>"


def private_key() -> bytes:
    form, plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return KEY.private_bytes(serialization.Encoding.PEM, form, plain)


def public_key_in_dns(name: bytes, timeout: int = 5) -> bytes:
    assert name == b"s1._domainkey.hsp.example.org."
    public = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def _mail() -> SignedMail:
    stop = "<https://hsp.example.org/stop/x/>"
    mail = SignedMail("A reply – für Sie", "Hello,\n\n.\nä " + "long " * 300, SENDER, ["ann@guests.test"])
    mail.extra_headers = {"List-Unsubscribe": stop, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail.attach_alternative("<p>Hello, ä</p>", "text/html")
    return mail


def _raw(settings: Any) -> bytes:
    settings.DKIM = {"key": private_key(), "selector": "s1", "domain": "hsp.example.org"}
    return _mail().message().as_bytes(linesep="\r\n")


def test_a_signed_mail_holds_and_covers_one_click(settings: Any) -> None:
    raw = _raw(settings)
    assert raw.count(b"DKIM-Signature:") == 1
    assert dkim.verify(raw, dnsfunc=public_key_in_dns)
    signed = dkim.DKIM(raw)
    assert signed.verify(dnsfunc=public_key_in_dns)
    assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from"} <= set(signed.include_headers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"One-Click", b"Two-Click"),
        (b"/stop/x/", b"/stop/y/"),
        (b"Hello", b"Hallo"),
        (b"From: ", b"From: evil@evil.test\r\nFrom: "),
        (b"Subject: ", b"Subject: Prize\r\nSubject: "),
    ],
)
def test_a_changed_mail_does_not_hold(settings: Any, old: bytes, new: bytes) -> None:
    raw = _raw(settings)
    assert old in raw
    assert not dkim.verify(raw.replace(old, new, 1), dnsfunc=public_key_in_dns)


def test_without_a_key_nothing_is_signed(settings: Any) -> None:
    settings.DKIM = {}
    assert "DKIM-Signature" not in _mail().message()


def _set(monkeypatch: pytest.MonkeyPatch, file: Path, selector: str = "s1", domain: str = "") -> None:
    monkeypatch.setenv("DKIM_KEY_FILE", str(file))
    monkeypatch.setenv("DKIM_SELECTOR", selector)
    if domain:
        monkeypatch.setenv("DKIM_DOMAIN", domain)


@pytest.mark.parametrize("domain", ["", "hsp.example.org", "example.org"])
def test_settings_that_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, domain: str) -> None:
    (tmp_path / "key.pem").write_bytes(private_key())
    _set(monkeypatch, tmp_path / "key.pem", domain=domain)
    assert environment.dkim(SENDER)["domain"] == (domain or "hsp.example.org")


@pytest.mark.parametrize(
    ("key", "selector", "domain", "names"),
    [
        (b"no key", "s1", "", "DKIM_KEY_FILE"),
        (None, "s1", "", "DKIM_KEY_FILE"),
        (private_key(), "", "", "DKIM_SELECTOR"),
        (private_key(), "s1; p=x", "", "DKIM_SELECTOR"),
        (private_key(), "s1", "other.test", "DKIM_DOMAIN"),
        (private_key(), "s1", "sp.example.org", "DKIM_DOMAIN"),
    ],
)
def test_wrong_settings_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: bytes | None, selector: str, domain: str, names: str
) -> None:
    if key is not None:
        (tmp_path / "key.pem").write_bytes(key)
    _set(monkeypatch, tmp_path / "key.pem", selector, domain)
    with pytest.raises(ImproperlyConfigured, match=names) as refused:
        environment.dkim(SENDER)
    assert str(tmp_path) not in str(refused.value)
