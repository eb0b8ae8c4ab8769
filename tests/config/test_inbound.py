"""The keys of a provider: from the environment to anymail's own check of what comes in."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import pytest
from anymail import signals
from django.core.exceptions import ImproperlyConfigured

from accounts.models import Suppression
from config import inbound
from forum.inbound import webhooks
from tests.forum.inbound.test_webhooks import SECRET, post
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

KEY = "key-0123456789abcdef"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the operator of this machine may have set."""
    for name in ("ADDRESS", "PROVIDER", "WEBHOOK_SECRET", "WEBHOOK_KEY", "API_KEY", "LISTEN"):
        monkeypatch.delenv(f"INBOUND_{name}", raising=False)
    monkeypatch.setenv("INBOUND_WEBHOOK_SECRET", SECRET)


@pytest.mark.parametrize(
    ("provider", "variables", "known"),
    [
        ("postmark", [], {}),
        ("sendgrid", [], {}),
        ("mailgun", ["WEBHOOK_KEY"], {"MAILGUN_WEBHOOK_SIGNING_KEY": KEY}),
        ("mandrill", ["WEBHOOK_KEY"], {"MANDRILL_WEBHOOK_KEY": KEY}),
        ("postal", ["WEBHOOK_KEY"], {"POSTAL_WEBHOOK_KEY": KEY}),
        ("resend", ["API_KEY"], {"RESEND_API_KEY": KEY}),
        ("brevo", ["API_KEY"], {"BREVO_API_KEY": KEY}),
        ("mailtrap", ["API_KEY"], {"MAILTRAP_API_TOKEN": KEY}),
        ("unisender_go", ["API_KEY"], {"UNISENDER_GO_API_KEY": KEY}),
    ],
)
def test_keys_get_the_names_that_anymail_knows(
    monkeypatch: pytest.MonkeyPatch, provider: str, variables: list[str], known: dict[str, str]
) -> None:
    monkeypatch.setenv("INBOUND_PROVIDER", provider)
    for name in variables:
        monkeypatch.setenv(f"INBOUND_{name}", KEY)
    assert inbound.read_settings().anymail == {"WEBHOOK_SECRET": SECRET, **known}


@pytest.mark.parametrize(
    ("provider", "variables", "named"),
    [
        ("mailgun", [], "INBOUND_WEBHOOK_KEY"),
        ("mandrill", [], "INBOUND_WEBHOOK_KEY"),
        ("postal", ["API_KEY"], "INBOUND_WEBHOOK_KEY"),
        ("resend", [], "INBOUND_API_KEY"),
        ("brevo", [], "INBOUND_API_KEY"),
        ("postmark", ["WEBHOOK_KEY"], "INBOUND_WEBHOOK_KEY"),
        ("mailgun", ["WEBHOOK_KEY", "API_KEY"], "INBOUND_API_KEY"),
        ("", ["WEBHOOK_KEY"], "INBOUND_WEBHOOK_KEY"),
        ("mailersend", [], "INBOUND_PROVIDER"),
    ],
)
def test_what_could_not_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, provider: str, variables: list[str], named: str
) -> None:
    monkeypatch.setenv("INBOUND_PROVIDER", provider)
    for name in variables:
        monkeypatch.setenv(f"INBOUND_{name}", KEY)
    with pytest.raises(ImproperlyConfigured, match=named):
        inbound.read_settings()


@pytest.mark.parametrize(("provider", "package"), [("amazon_ses", "boto3"), ("resend", "svix")])
def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, provider: str, package: str) -> None:
    monkeypatch.setattr(inbound, "find_spec", lambda _name: None)
    monkeypatch.setenv("INBOUND_PROVIDER", provider)
    if provider == "resend":
        monkeypatch.setenv("INBOUND_API_KEY", KEY)
        monkeypatch.setenv("INBOUND_WEBHOOK_KEY", KEY)
    with pytest.raises(ImproperlyConfigured, match=package):
        inbound.read_settings()


# --- Through anymail's own check


@pytest.fixture
def mailgun(settings: Any, monkeypatch: pytest.MonkeyPatch, ordinary_site: None) -> Iterator[None]:  # noqa: F811
    """A site whose operator has set Mailgun's key."""
    monkeypatch.setenv("INBOUND_PROVIDER", "mailgun")
    monkeypatch.setenv("INBOUND_WEBHOOK_KEY", KEY)
    settings.ROOT_URLCONF = "tests.forum.inbound.provider_urls"
    settings.ANYMAIL = inbound.read_settings().anymail
    signals.tracking.connect(webhooks.take_report)
    yield
    signals.tracking.disconnect(webhooks.take_report)


def bounce(key: str) -> dict[str, Any]:
    """Return a bounce as Mailgun brings it, signed with the key."""
    timestamp, token = "1767225600", "a" * 50
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    status = {"code": 550, "message": "5.1.1 no such user", "description": ""}
    event = {"event": "failed", "severity": "permanent", "id": "x", "timestamp": 1767225600.0, "recipient": "a@b.test"}
    return {
        "signature": {"timestamp": timestamp, "token": token, "signature": signature},
        "event-data": {**event, "reason": "bounce", "delivery-status": status},
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("mailgun")
def test_only_what_is_signed_with_the_key_is_believed() -> None:
    path = "/anymail/mailgun/tracking/"
    assert post(path, bounce("another key")) == 400
    assert post(path, {**bounce(KEY), "signature": {}}) == 400
    assert post(path, bounce(KEY), secret="hook:wrong") == 400
    assert not Suppression.objects.exists()
    assert post(path, bounce(KEY)) == 200
    assert Suppression.objects.get().reason == Suppression.Reason.HARD
