"""A mail that is on its way while its recipient is erased: none leaves afterwards, and at most the one already handed over."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from accounts.models import Erasure
from forum.models import Delivery
from forum.notifications.delivery import claim, send
from forum.privacy import erase, requests
from forum.privacy.subject import Subject
from forum.states import Move
from tests import factories
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ordinary_site")]


@pytest.fixture
def sent(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the mail server; nobody publishes tasks."""
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"
    monkeypatch.setattr("forum.notifications.publish.send_soon", lambda _due: None)
    taken: list[str] = []
    monkeypatch.setattr(EmailMultiAlternatives, "send", lambda self: taken.append(self.to[0]))
    return taken


def owed_to_a_member() -> int:
    """Return the number of a mail that is due, to a member who is erased as soon as somebody looks."""
    user = factories.person("Ada")
    factories.decide(factories.pending(user=user), Move.RETURN)
    requests.request_erasure(Subject.member(user), keep_posts=True)
    # Word that the post has arrived would go before it.
    Delivery.objects.exclude(kind="returned").update(state="cancelled")
    Erasure.objects.update(due_at=timezone.now())
    return Delivery.objects.get(recipient__user=user, kind="returned").pk


def state(number: int) -> str:
    """Return how far the mail got, by its row."""
    return Delivery.objects.get(pk=number).state


def test_erased_before_it_is_claimed(sent: list[str]) -> None:
    number = owed_to_a_member()
    erase.erase_due()
    send.deliver(number)
    assert not sent and state(number) == "cancelled"


def test_erased_between_claim_and_sending(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    number = owed_to_a_member()
    usual = claim.claim

    def and_then_erased(delivery_id: int) -> Delivery | None:
        found = usual(delivery_id)
        erase.erase_due()
        return found

    monkeypatch.setattr(claim, "claim", and_then_erased)
    send.deliver(number)
    assert not sent and state(number) == "cancelled"


def test_erased_while_the_mail_server_is_spoken_to(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """That one has left; its row stays closed, and it is not tried again, even if the mail server then fails."""
    number = owed_to_a_member()

    def erased_meanwhile(self: EmailMultiAlternatives) -> None:
        erase.erase_due()
        sent.append(self.to[0])
        raise OSError("the connection broke off")

    monkeypatch.setattr(EmailMultiAlternatives, "send", erased_meanwhile)
    send.deliver(number)
    assert len(sent) == 1 and state(number) == "cancelled"
    assert not Delivery.objects.filter(pk=number, stored__isnull=False).exists()
    send.deliver(number)
    assert len(sent) == 1
