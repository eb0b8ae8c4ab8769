"""Whom our mail does not reach is told on their page, and can have it sent again; nobody else's."""

import pytest
from django.test import Client

from accounts import addresses, suppressions
from accounts.models import Suppression
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Reason = Suppression.Reason
NOTE = "Our mail does not reach you"
PATH = "/me/mail-again/"


@pytest.fixture
def mina() -> Client:
    """Return the browser of a member whose mailbox is gone; somebody else's is, too."""
    member = factories.person("Mina", address="mina@members.test")
    for address in ("mina@members.test", "otto@members.test"):
        suppressions.suppress(addresses.key_of(address), Reason.HARD, "550 5.1.1")
    client = Visitor()
    client.force_login(member)
    return client


def test_the_page_tells_and_the_button_lifts_their_own_alone(mina: Client) -> None:
    assert NOTE in mina.get("/me/").content.decode()
    for _ in range(2):
        assert mina.post(PATH).status_code == 302
    assert NOTE not in mina.get("/me/").content.decode()
    assert Suppression.objects.get().address_key == addresses.key_of("otto@members.test")


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_words(reason: Suppression.Reason) -> None:
    member = factories.person(address="x@members.test")
    suppressions.suppress(addresses.key_of("x@members.test"), reason)
    client = Visitor()
    client.force_login(member)
    page = client.get("/me/").content.decode()
    words = {"hard": "so we have stopped", "soft": "may be full", "complaint": "marked as spam"}
    assert NOTE in page and words[reason] in page


@pytest.mark.parametrize("role", ["visitor", "member", "moderator", "physician"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_every_role_and_verb(mina: Client, role: str, method: str) -> None:
    client = Visitor()
    if role != "visitor":
        make = {"member": factories.person, "moderator": factories.moderator, "physician": factories.physician}[role]
        client.force_login(make())
    elsewhere = role == "visitor" or method == "post"
    assert getattr(client, method)(PATH).status_code == (302 if elsewhere else 405)
    assert Suppression.objects.count() == 2
