"""One site for each module of this folder, quick to try again, and whole again after each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.mail import EmailMessage

from forum.redis_guard import breaker
from tests.faults.mail import TryingMailServer
from tests.support.stack import Stack

# A module may set SITE to more of these, or to None for what production has.
USUAL = {
    "ASK_MINIMUM_SECONDS": "0",
    "ASK_PER_NETWORK_HOUR": "100000",
    "MAIL_LEASE_SECONDS": "10",
    "MAIL_RETRY_SECONDS": "1",
    "SWEEP_SECONDS": "2",
}
PARTS = ("redis", "web", "worker", "beat")


@pytest.fixture(scope="module")
def mail() -> Iterator[TryingMailServer]:
    """The mail server of this module's site."""
    server = TryingMailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def module_site(request: pytest.FixtureRequest, mail: TryingMailServer) -> Iterator[Stack]:
    """A whole site for this module, without the first question."""
    wanted = USUAL | getattr(request.module, "SITE", {})
    stack = Stack(mail=mail, env={name: value for name, value in wanted.items() if value is not None})
    try:
        yield stack.start()
        stack.stop()
    finally:
        stack.destroy()


@pytest.fixture
def site(request: pytest.FixtureRequest, module_site: Stack, mail: TryingMailServer) -> Iterator[Stack]:
    """The module's site, well at the start of each test; what the test broke is mended after it."""
    failed_before = request.session.testsfailed
    mail.be_well()
    module_site.wait_until_ready()
    yield module_site
    for part in PARTS:
        module_site.release(part)
    module_site.thaw_redis()
    mail.be_well()
    if request.session.testsfailed > failed_before:
        print(f"--- the end of {module_site.log}\n{module_site.log_text()[-8000:]}")


@pytest.fixture
def sent(settings: Any, mailoutbox: list[EmailMessage]) -> Iterator[list[EmailMessage]]:
    """Every mail that was handed over; the mail server is Django's list in memory, and no task is published."""
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    settings.MAIL_TRANSPORT_OPTIONS = {}
    breaker.trip(ConnectionError())
    yield mailoutbox
    breaker.reset()
