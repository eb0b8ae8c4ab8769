"""Development's own mailbox: /dev/mail/ and the pages of its mails."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.test import Client
from django.urls import include, path

from config import urls
from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery.maildrop import MaildropBackend
from forum.views.dev_mail import previews
from forum.views.dev_mail.sample_people import Cast
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

ADDRESS = "someone@guests.test"
pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> MaildropBackend:
    """The folder and the pages of development, which other settings do not have."""
    settings.DEBUG = settings.DEVELOPMENT = True
    settings.MAIL_TRANSPORT_OPTIONS = {"folder": str(tmp_path)}
    settings.SECURE_SSL_REDIRECT = False
    settings.EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
    settings.ROOT_URLCONF = (path("dev/mail/", include("forum.views.dev_mail.urls")), *urls.urlpatterns)
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


# --- How every kind looks


def test_every_kind_has_a_preview() -> None:
    assert {preview.kind for preview in previews.sorted_by_kind()} == set(Delivery.Kind)
    slugs = [preview.slug for preview in previews.sorted_by_kind()]
    assert len(set(slugs)) == len(slugs)


def test_previews_show_every_mail_and_leave_nothing_behind(mailbox: MaildropBackend, client: Client) -> None:
    before = rows()
    for preview in previews.sorted_by_kind():
        page = client.get(f"/dev/mail/kinds/{preview.slug}/")
        assert page.status_code == 200, preview.slug
        assert page.text.count("<iframe") == 2 and "Hello," in page.text
    html = client.get("/dev/mail/kinds/queue-what-waits/html/")
    assert html["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert rows() == before


def rows() -> dict[str, int]:
    """Return how many rows each table has."""
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


@pytest.mark.slow
@pytest.mark.usefixtures("ordinary_site")
def test_the_links_of_the_mails_lead_to_pages(settings: Any) -> None:
    """While its people and posts exist: to a page, or to the sign-in in front of it."""
    for preview in previews.sorted_by_kind():
        with transaction.atomic():
            text = mails.compose(preview.make(Cast())).text
            links = re.findall(r"^https?://\S+$", text, re.MULTILINE)
            for link in {link for link in links if "/x/" not in link and "/unsubscribe/" not in link}:
                answer = Visitor().get(link.removeprefix(settings.SITE_URL) or "/")
                assert answer.status_code in {200, 302}, (preview.slug, link)
            transaction.set_rollback(True)


def test_previews_exist_in_development_alone(mailbox: MaildropBackend, client: Client, settings: Any) -> None:
    settings.DEVELOPMENT = False
    for page in ("", "kinds/queue-what-waits/", "kinds/queue-what-waits/html/"):
        assert client.get(f"/dev/mail/{page}").status_code == 404
    settings.DEVELOPMENT = True
    assert client.get("/dev/mail/kinds/nothing/").status_code == 404
    assert 'href="/dev/mail/kinds/queue-what-waits/"' in client.get("/dev/mail/").text
