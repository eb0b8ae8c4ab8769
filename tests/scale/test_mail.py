"""With a million mails sent, the sweep, a delivery and the operator's page cost what they cost with a hundred."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import Contact, User
from forum.models import Delivery
from forum.notifications import announce, health, mails, outbox
from forum.notifications.delivery import claim, outcome, send
from forum.privacy import retention
from tests.scale import mail_filling, plans
from tests.scale.conftest import Use
from tests.scale.filling import ON_SQLITE
from tests.scale.test_scale import difference
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.slow(seconds=60), pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
# More than everything that has not been sent.
FEW = 1_000


@pytest.fixture(autouse=True)
def as_on_the_site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bursts are held back, no task is published, and it is mail whose table is big."""
    settings.REPLY_MAIL_MINUTES = settings.MODERATOR_MAIL_MINUTES = 15
    monkeypatch.setattr(plans, "BIG", mail_filling.BIG)
    monkeypatch.setattr("forum.notifications.publish.send_soon", lambda due: list(due))
    monkeypatch.setattr("forum.redis_guard.answers", lambda: True)


def busy() -> Contact:
    """Return the person to whom every tenth mail was sent."""
    return Contact.objects.get(user__name="Busy")


def first_to_busy() -> Delivery:
    """Return the first mail that the busy person is owed."""
    return Delivery.objects.filter(recipient=busy(), state__one_of=claim.DUE_STATES).earliest("pk")


def sweep() -> None:
    """Do what the sweep does in the database."""
    claim.repair()
    assert list(claim.due_deliveries().values_list("pk", flat=True))


def one_delivery(first: Callable[[], Delivery]) -> None:
    """Go through the steps of one mail, but for composing and sending it."""
    mail = claim.claim(first().pk)
    assert mail and mail.members
    try:
        send._hold_back_a_burst(mail)
    except mails.NotYet as later:
        outcome.postponed(mail, later.until)
    outcome.sent(mail)
    claim.next_after(mail)


def a_guests_mail() -> None:
    """One mail alone."""
    one_delivery(lambda: Delivery.objects.filter(event="open-owed:0").get())


def a_burst() -> None:
    """Twenty mails as one, to a person who has had a tenth of all."""
    one_delivery(first_to_busy)


def a_failure() -> None:
    """A try that fails."""
    mail = claim.claim(Delivery.objects.get(event="open-owed:1").pk)
    assert mail
    outcome.failed(mail, TimeoutError("timed out"))


def page(path: str) -> Callable[[], object]:
    """Return the operation of opening a page as the operator."""

    def open_it() -> None:
        visitor = Visitor(User.objects.get(name="Busy"))
        assert visitor.get(path).status_code in {200, 503}

    return open_it


OPERATIONS: dict[str, Callable[[], object]] = {
    "the sweep": sweep,
    "a mail alone": a_guests_mail,
    "a burst": a_burst,
    "a failure": a_failure,
    "a mail that is stopped": lambda: outbox.call_off(first_to_busy(), "No."),
    "the mail to moderators": lambda: announce._owe_queue_mail(busy()),
    "how the mail is doing": lambda: health.mail_health(),
    "what housekeeping cancels": retention.drop_stale_parked,
    "/readyz": page("/readyz"),
    **{
        f"the page, {shown}": page(f"/moderation/mail/?show={shown}")
        for shown in ("failed", "retrying", "owed", "suppressed")
    },
}


def measured(operation: Callable[[], object], use: Use) -> plans.Run:
    """Carry the operation out twice in that database, and return the second time."""
    with use():
        plans.run(operation)
        return plans.run(operation)


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_costs_the_same_and_every_query_has_an_index(name: str, little_mail: Use, much_mail: Use) -> None:
    few, many = measured(OPERATIONS[name], little_mail), measured(OPERATIONS[name], much_mail)
    print(f"\n{name}: {len(many.queries)} queries, {few.milliseconds:.0f} and {many.milliseconds:.0f} ms")
    assert len(many.queries) == len(few.queries), difference(few, many)
    with much_mail():
        assert not plans.without_index(many)
        assert ON_SQLITE or plans.most_rows(many) <= FEW


def test_further_pages_cost_what_the_first_costs(much_mail: Use) -> None:
    with much_mail():
        for shown in ("failed", "owed"):
            visitor = Visitor(User.objects.get(name="Busy"))
            first = visitor.get(f"/moderation/mail/?show={shown}")
            found = plans.run(page(f"/moderation/mail/{first.context['next_url']}"))
            assert not plans.without_index(found)
            assert ON_SQLITE or plans.most_rows(found) <= FEW


@pytest.fixture
def without_the_indexes(much_mail: Use) -> Iterator[None]:
    """The large database without the indexes of what has not been sent."""
    names = "('delivery_due', 'delivery_open_of_one')"
    made = f"SELECT name, sql FROM sqlite_master WHERE name IN {names}"
    if not ON_SQLITE:
        made = f"SELECT indexname, indexdef FROM pg_indexes WHERE indexname IN {names}"
    with much_mail(), connection.cursor() as cursor:
        cursor.execute(made)
        dropped = cursor.fetchall()
        for name, _sql in dropped:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with much_mail(), connection.cursor() as cursor:
        for _name, sql in dropped:
            cursor.execute(sql)


@pytest.mark.usefixtures("without_the_indexes")
def test_the_instrument_sees_a_missing_index(much_mail: Use) -> None:
    found = measured(sweep, much_mail)
    with much_mail():
        assert plans.without_index(found)
