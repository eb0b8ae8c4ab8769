"""Mail scanners change nothing: each link of each kind of mail is asked for by HEAD and GET and opened in a Chromium that
runs scripts, and so is every link of the page that comes, twice. Then a person presses the button, and it does what it says.

The site runs in this process, so that the whole database can be compared before and after. No form is sent: a scanner
that sends forms cannot be told from a person.
"""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urldefrag, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection, connections
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from accounts.models import Contact, Erasure
from forum.models import Delivery, Post, Subscription
from forum.notifications import mails
from forum.notifications.mails import Mail
from forum.states import State
from tests.forum.notifications.mail_samples import Kind, Reader, owed
from tests.journeys.people import request
from tests.support.browser import Pages
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    *(pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")),
    *(pytest.mark.browser, pytest.mark.slow(seconds=45), pytest.mark.database_neutral),
]

KINDS = [kind for kind in mails.COMPOSERS if kind != Kind.ACCOUNT]
LINK = re.compile(r"https?://[^\s<>\"]+")
PASSES = 2


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[str]:
    """The site, in threads of this process that use its database connection; its address."""
    plain = {"SECURE_SSL_REDIRECT": False, "SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False}
    middleware = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    shared = connections["default"]
    shared.inc_thread_sharing()
    with override_settings(**plain, MIDDLEWARE=middleware):
        thread: Any = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={"default": shared})
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        yield f"http://127.0.0.1:{thread.port}"
        thread.terminate()
    # The browsers are closed by now, and what answered them ends.
    for answering in threading.enumerate():
        if "process_request_thread" in answering.name:
            answering.join(5)
    shared.dec_thread_sharing()


@pytest.fixture
def site(server: str, settings: Any) -> str:
    """The site's address, which its mails have in their links."""
    settings.SITE_URL = server
    return server


@pytest.fixture(scope="module")
def scanner(server: str, chromium: Browser) -> Iterator[Page]:
    """A scanner's browser: it runs scripts, and keeps its cookies from one mail to the next."""
    pages = Pages(chromium)
    yield pages(javascript=True, width=1280)
    pages.close()


@pytest.fixture(scope="module")
def persons(server: str, chromium: Browser) -> Iterator[Page]:
    """A person's browser."""
    pages = Pages(chromium)
    yield pages()
    pages.close()


@pytest.fixture
def person(persons: Page) -> Page:
    """The same, as it is before the first visit."""
    persons.context.clear_cookies()
    return persons


def everything() -> dict[str, list[Any]]:
    """Return every row of every table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def links(mail: Mail) -> list[str]:
    """Return every link of a mail: of both parts, and of the heads that mail programs act on."""
    found = (
        LINK.findall(mail.text) + Reader(mail.html).links + LINK.findall(str(mail.headers.get("List-Unsubscribe", "")))
    )
    return sorted({link for link in found if link.startswith("http")})


# Pages that many mails lead to, like the first page: for each pass, what was opened in it.
OPENED: tuple[set[str], ...] = tuple(set() for _ in range(PASSES))


def scan(scanner: Page, site: str, found: list[str]) -> None:
    """Do with each link what scanners do, as often as there are passes."""
    for opened in OPENED:
        for link in found:
            request(link, "HEAD")
            request(link)
            onward = {address for address in _look_at(scanner, link) if address.startswith(f"{site}/")}
            for address in sorted(onward):
                # The way through the sign-in is one page, wherever it leads afterwards.
                if (path := urlsplit(address).path) not in opened:
                    opened.add(path)
                    request(address, "HEAD")
                    _look_at(scanner, address)


def _look_at(scanner: Page, link: str) -> set[str]:
    """Open a page, let its scripts run, and return where it leads."""
    scanner.goto(link)
    if scanner.locator("script").count():
        # Until the network is idle would be half a second for each page with a script.
        scanner.wait_for_timeout(100)
    leads = scanner.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return {urldefrag(address).url for address in leads}


# --- What a person does with a link: the button's words, and what is true afterwards


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=button).first.click()


def confirm(page: Page, token: str) -> bool:
    """Say that the address is one's own."""
    _press(page, "Yes, this is my address")
    return Contact.objects.get(token=token).is_confirmed


def unsubscribe(page: Page, token: str) -> bool:
    """Stop the mails of one list."""
    _press(page, "Stop these mails")
    return not Subscription.objects.get(token=token).is_active


def stop_all(page: Page, token: str) -> bool:
    """Stop every mail, on a guest's page of choices."""
    _press(page, "Stop all mail")
    return Contact.objects.filter(user=None, mail_stopped_at__isnull=False).exists()


def send_back(page: Page, token: str) -> bool:
    """Send the post back, as its moderator."""
    page.get_by_label("Reason for the author").fill("Please shorten it.")
    _press(page, "Send back")
    return Post.objects.get(public_id=token.split("-")[1]).state == State.RETURNED


def erase(page: Page, token: str) -> bool:
    """Ask to be erased."""
    page.goto(f"{page.url}erase/")
    page.get_by_label("Their text is deleted, too").check()
    _press(page, "Erase my data")
    return Erasure.objects.filter(user=None).exists()


def take_back(page: Page, token: str) -> bool:
    """Change one's mind."""
    _press(page, "Take it back")
    return not Erasure.objects.get(token=token).is_open


def withdraw(page: Page, token: str) -> bool:
    """Take the post back, where its page offers it."""
    post = Post.objects.get(status_token=token)
    if not post.is_withdrawable:
        return page.locator("h1").count() == 1
    page.goto(f"{page.url}withdraw/")
    _press(page, "Withdraw it")
    post.refresh_from_db()
    return post.state == State.WITHDRAWN


BUTTONS: dict[str, Callable[[Page, str], bool]] = {
    "/confirm/": confirm,
    "/unsubscribe/": unsubscribe,
    "/mail-choices/": stop_all,
    "/moderation/from-mail/": send_back,
    "/your-data/": erase,
    "/erasure/": take_back,
    "/p/": withdraw,
}
# What each kind is about: without these links its mail would be no use.
EXPECTED = {
    Kind.CONFIRM: "/confirm/",
    Kind.QUEUE: "/moderation/from-mail/",
    Kind.URGENT: "/moderation/from-mail/",
    Kind.ESCALATION: "/moderation/from-mail/",
    Kind.DATA: "/your-data/",
    Kind.ERASURE: "/erasure/",
    Kind.RETURNED: "/p/",
    Kind.REPLY: "/unsubscribe/",
    Kind.REPORT: "/reports/",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_scanner_changes_nothing_and_leaves_each_link_to_the_person(
    kind: Delivery.Kind, site: str, scanner: Page, person: Page
) -> None:
    found = links(mails.compose(owed(kind)))
    assert any(EXPECTED.get(kind, "/") in link for link in found)
    before = everything()
    scan(scanner, site, found)
    assert everything() == before
    for link in sorted(found, key=lambda link: list(BUTTONS).index(_begins(link)) if _begins(link) else 0):
        response = person.goto(link)
        assert response is not None and response.status == 200, f"{link}: {response and response.status}"
        if beginning := _begins(link):
            assert BUTTONS[beginning](person, urlsplit(link).path.split("/")[-2]), f"{link}: the button does nothing"


def _begins(link: str) -> str:
    """Return which of the pages with a button a link leads to."""
    return next((beginning for beginning in BUTTONS if urlsplit(link).path.startswith(beginning)), "")


def test_a_scanner_confirms_no_account(site: str, scanner: Page, person: Page) -> None:
    """Account mail is composed when it is asked for."""
    form = {"email": "nora@members.test", "name": "Nora", "password1": "seven calm herons wade"}
    assert Visitor().post("/accounts/signup/", form).status_code == 302
    stored = Delivery.objects.get(kind=Kind.ACCOUNT).stored
    assert stored
    [link] = [link for link in links(Mail(**stored)) if "/confirm-email/" in link]
    before = everything()
    scan(scanner, site, [link])
    assert everything() == before
    person.goto(link)
    _press(person, "Yes")
    assert EmailAddress.objects.get(email="nora@members.test").verified
