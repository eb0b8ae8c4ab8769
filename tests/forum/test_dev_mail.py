"""Development's own mailbox: /dev/mail/ and the pages of its mails."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import path

from config import urls
from forum.notifications.maildrop import MaildropBackend
from forum.views import operations

ADDRESS = "someone@guests.test"
pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> MaildropBackend:
    """The folder and the pages of development, which other settings do not have."""
    settings.DEBUG = settings.DEVELOPMENT = True
    settings.MAIL_TRANSPORT_OPTIONS = {"folder": str(tmp_path)}
    settings.SECURE_SSL_REDIRECT = False
    settings.ROOT_URLCONF = (
        path("dev/mail/", operations.mail_list, name="dev-mail-list"),
        path("dev/mail/<slug:name>/", operations.mail_detail, name="dev-mail-detail"),
        path("dev/mail/<slug:name>/html/", operations.mail_html, name="dev-mail-html"),
        *urls.urlpatterns,
    )
    return MaildropBackend(str(tmp_path))


def test_the_list_of_mails(mailbox: MaildropBackend, client: Client) -> None:
    assert "No mail yet" in client.get("/dev/mail/").text
    mailbox.send_messages([EmailMultiAlternatives("A <b>subject</b>", "text", "a@b.test", [ADDRESS])])
    html = client.get("/dev/mail/").text
    assert "A &lt;b&gt;subject&lt;/b&gt;" in html and ADDRESS in html
    assert "<script" not in html and "style=" not in html


def test_one_mail(mailbox: MaildropBackend, client: Client) -> None:
    """Links in the text stay text; the HTML part is shown in a frame that may run nothing."""
    message = EmailMultiAlternatives("Subject", "See https://testserver/p/token/ <now>", "a@b.test", [ADDRESS])
    message.attach_alternative("<p>hello</p><script>bad()</script>", "text/html")
    mailbox.send_messages([message])
    name = re.findall(r'href="/dev/mail/([^/"]+)/"', client.get("/dev/mail/").text)[0]
    page = client.get(f"/dev/mail/{name}/")
    assert "See https://testserver/p/token/ &lt;now&gt;" in page.text
    assert 'href="https://testserver/p/token/' not in page.text
    assert "bad()" not in page.text
    assert re.search(rf'<iframe [^>]*\bsandbox [^>]*src="/dev/mail/{name}/html/"', page.text)
    assert '<th scope="row">Subject</th><td>Subject</td>' in page.text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    part = client.get(f"/dev/mail/{name}/html/")
    assert part["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert part["X-Frame-Options"] == "SAMEORIGIN"


def test_one_mail_without_html(mailbox: MaildropBackend, client: Client) -> None:
    mailbox.send_messages([EmailMultiAlternatives("Subject", "text", "a@b.test", [ADDRESS])])
    name = re.findall(r'href="/dev/mail/([^/"]+)/"', client.get("/dev/mail/").text)[0]
    assert "<iframe" not in client.get(f"/dev/mail/{name}/").text
    assert client.get("/dev/mail/unknown/").status_code == 404
