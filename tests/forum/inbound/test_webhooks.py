"""A provider's webhook over http: only with the secret, larger than a form, and a fault is a 500."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from anymail import signals

from accounts.models import Suppression
from config.settings import LARGEST_REQUEST
from forum.inbound import webhooks
from forum.models import Post
from tests.forum.inbound.letters import answerable, mail, without
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
SECRET = "hook:0123456789abcdef0123456789"
MAIL, REPORTS = "/anymail/postmark/inbound/", "/anymail/postmark/tracking/"
BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "Email": "a@b.test", "Details": "550 5.1.1 unknown"}


@pytest.fixture(autouse=True)
def provider(settings: Any) -> Iterator[None]:
    """Let the site know a provider."""
    settings.ROOT_URLCONF = "tests.forum.inbound.provider_urls"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    settings.INBOUND = without(provider="postmark", secret=SECRET)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024
    signals.inbound.connect(webhooks.take_mail)
    signals.tracking.connect(webhooks.take_report)
    yield
    signals.inbound.disconnect(webhooks.take_mail)
    signals.tracking.disconnect(webhooks.take_report)


def post(path: str, event: dict[str, Any], *, secret: str = SECRET, **options: Any) -> int:
    """Send the event as the provider does; return the status."""
    basic = "Basic " + base64.b64encode(secret.encode()).decode()
    client = Visitor(raise_request_exception=False)
    body = json.dumps({"BouncedAt": "2026-01-01T00:00:00Z", "MessageID": "m", **event})
    return client.post(path, body, content_type="application/json", HTTP_AUTHORIZATION=basic, **options).status_code


def brought(address: str, words: str) -> dict[str, Any]:
    return {"RawEmail": mail("asker@guests.test", words).as_string(), "OriginalRecipient": address} | {
        "Headers": [{"Name": "Return-Path", "Value": "<asker@guests.test>"}]
    }


def test_only_with_the_secret() -> None:
    assert post(REPORTS, BOUNCE, secret="hook:wrong") == 400
    assert not Suppression.objects.exists()
    assert [post(REPORTS, BOUNCE) for _ in range(2)] == [200, 200]
    assert Suppression.objects.get().count == 1


def test_a_mail_is_larger_than_a_form_and_becomes_a_post() -> None:
    _question, address = answerable()
    quote = "> a long quoted line\n" * (LARGEST_REQUEST // 20)
    assert post(MAIL, brought(address, f"My own words.\n\n{quote}")) == 200
    assert Post.objects.exclude(question=None).get().source == "My own words."
    assert Visitor().post("/questions/ask/", {"text": quote}).status_code == 413


def test_after_a_fault_the_provider_brings_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _question, address = answerable()
    event = brought(address, "My own words.")
    with monkeypatch.context() as broken:
        broken.setattr("forum.inbound.replies.take_reply", lambda *_: 1 / 0)
        assert post(MAIL, event) == 500
    assert post(MAIL, event) == 200
    assert Post.objects.exclude(question=None).count() == 1
