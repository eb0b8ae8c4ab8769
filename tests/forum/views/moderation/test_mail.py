"""The operator's page of mail: who may open it, what it shows and hides, and what its buttons do once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from accounts.models import Contact, User
from forum.models import Delivery
from forum.views.moderation import mail as page
from tests import factories
from tests.forum.notifications.rows import HOUR, contact, mail
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def operator() -> User:
    """Return somebody who looks after the site."""
    return factories.person("", roles.STAFF, is_staff=True)


PEOPLE: dict[str, Callable[[], User | None]] = {
    "visitor": lambda: None,
    "member": factories.person,
    "moderator": factories.moderator,
    "physician": factories.physician,
    "checker": factories.checker,
    "editor": lambda: factories.person("", roles.EDITORS),
    "operator": operator,
}
# path -> (method, what the operator gets)
PATHS: dict[str, tuple[str, int]] = {
    "/moderation/mail/": ("get", 200),
    "/moderation/mail/?show=retrying": ("get", 200),
    "/moderation/mail/?show=owed": ("get", 200),
    "/moderation/mail/?show=suppressed": ("get", 200),
    "/moderation/mail/?show=sent": ("get", 404),
    "/moderation/mail/?after={failed}": ("get", 200),
    "/moderation/mail/?after=0": ("get", 404),
    "/moderation/mail/?after=x": ("get", 404),
    "/moderation/mail/?after=²": ("get", 404),
    "/moderation/mail/?after=99999999999999999999": ("get", 404),
    "/moderation/mail/again/": ("post", 302),
    "/moderation/mail/{failed}/again/": ("post", 302),
    "/moderation/mail/{failed}/stop/": ("post", 302),
    "/moderation/mail/{retrying}/stop/": ("get", 200),
    "/moderation/mail/{sent}/again/": ("post", 302),
    "/moderation/mail/0/again/": ("post", 404),
    "/moderation/mail/0/stop/": ("get", 404),
}


def rows() -> list[Any]:
    """Return every delivery as it stands."""
    return list(Delivery.objects.order_by("pk").values())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("person", PEOPLE)
def test_who_gets_what(person: str, path: str) -> None:
    """Whoever may not look after mail learns nothing, not even whether there is such a mail."""
    numbers = {state: mail(state).pk for state in ("failed", "retrying", "sent")}
    method, status = PATHS[path]
    user, before = PEOPLE[person](), rows()
    answer = getattr(Visitor(user), method)(path.format(**numbers))
    assert answer.status_code == {"visitor": 302, "operator": status}.get(person, 403)
    if person == "visitor":
        assert answer["Location"].startswith("/accounts/login/?next=/moderation/mail/")
    if person != "operator" or method == "get":
        assert rows() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("path", ["", "{}/again/", "{}/stop/"])
def test_other_verbs_change_nothing(path: str, method: str) -> None:
    failed = mail("failed")
    before = rows()
    answer = getattr(Visitor(operator()), method)("/moderation/mail/" + path.format(failed.pk))
    assert answer.status_code == 405 and rows() == before


def test_get_and_head_change_nothing() -> None:
    failed, visitor = mail("failed"), Visitor(operator())
    before = rows()
    assert visitor.get(f"/moderation/mail/{failed.pk}/again/").status_code == 405
    assert visitor.get(f"/moderation/mail/{failed.pk}/stop/").status_code == 200
    assert visitor.head(f"/moderation/mail/{failed.pk}/stop/").status_code == 200
    assert rows() == before


def test_what_it_shows_and_what_it_does_not() -> None:
    """Why; no name, no address, no text, no mail that another one tells."""
    member = factories.person("Mel Member", address="canary@members.test")
    leader = mail("failed", Contact.objects.for_user(member), bundle="thread:1", stored={"text": "Your code is QX7"})
    member_of_it = mail("failed", gathered_into=leader)
    mail("retrying", failing_since=timezone.now() - timedelta(minutes=50))
    answer = Visitor(operator()).get("/moderation/mail/")
    assert (
        "To a member." in answer.text
        and "Mel Member" not in answer.text
        and "SMTPDataError (554, &#x27;no&#x27;)" in answer.text
    )
    assert "canary" not in answer.text and "QX7" not in answer.text
    assert f'id="mail-{leader.pk}"' in answer.text and f'id="mail-{member_of_it.pk}"' not in answer.text
    assert "Failed (1)" in answer.text and "Trying again (1)" in answer.text and "50 minutes" in answer.text
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize(("shown", "newest_first"), [("failed", True), ("retrying", True), ("owed", False)])
def test_pages_by_key(shown: str, newest_first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE_SIZE", 2)
    soon = timezone.now() + HOUR
    made = [mail(shown, next_attempt_at=soon).pk for _ in range(5)]
    visitor, url, seen = Visitor(operator()), f"?show={shown}", []
    while url:
        answer = visitor.get("/moderation/mail/" + url)
        seen += [row.pk for row in answer.context["items"]]
        url = answer.context["next_url"]
    assert seen == sorted(made, reverse=newest_first)


def test_a_list_costs_the_same_for_3_and_20_rows(django_assert_num_queries: Any) -> None:
    visitor = Visitor(operator())
    url = "/moderation/mail/"
    for _ in range(3):
        mail("failed", Contact.objects.for_user(factories.person()))
    visitor.get(url)
    with django_assert_num_queries(13) as found:
        visitor.get(url)
    for _ in range(17):
        mail("failed", Contact.objects.for_user(factories.person()))
    with django_assert_num_queries(len(found)):
        visitor.get(url)


# --- The buttons


@pytest.mark.parametrize("state", ["failed", "suppressed"])
def test_sent_again_once(state: str) -> None:
    """With what it tells, under its old number; the second press finds it on its way."""
    leader = mail(state, bundle="thread:1")
    told = mail(state, leader.recipient, gathered_into=leader, bundle="thread:1")
    visitor = Visitor(operator())
    answer = visitor.post(f"/moderation/mail/{leader.pk}/again/", follow=True)
    assert "It is being sent." in answer.text
    leader.refresh_from_db()
    told.refresh_from_db()
    assert (leader.state, leader.failing_since, told.state) == ("owed", None, "gathered")
    assert page.NO_LONGER in visitor.post(f"/moderation/mail/{leader.pk}/again/", follow=True).text


@pytest.mark.parametrize("kind", ["account", "refused"])
def test_what_is_forgotten_cannot_be_sent_again(kind: str) -> None:
    """A sign-in code, say: its text went when it was given up. It can be tried while it is tried, and set aside."""
    failed, retrying, visitor = mail("failed", kind=kind), mail("retrying", kind=kind), Visitor(operator())
    assert "Send again" not in visitor.get("/moderation/mail/").text
    assert "Try now" in visitor.get("/moderation/mail/?show=retrying").text
    assert page.NO_LONGER in visitor.post(f"/moderation/mail/{failed.pk}/again/", follow=True).text
    assert "It is being sent" in visitor.post(f"/moderation/mail/{retrying.pk}/again/", follow=True).text


def test_all_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those whose text is gone, and only so many at once."""
    monkeypatch.setattr(page, "AT_ONCE", 2)
    code, *rows = mail("failed", kind="account"), *(mail("failed") for _ in range(3))
    suppressed, visitor = mail("suppressed"), Visitor(operator())
    states = lambda: [Delivery.objects.get(pk=row.pk).state for row in (code, *rows, suppressed)]  # noqa: E731
    assert "Being sent: 2." in visitor.post("/moderation/mail/again/", follow=True).text
    assert states() == ["failed", "failed", "owed", "owed", "suppressed"]
    assert "Being sent: 1." in visitor.post("/moderation/mail/again/", follow=True).text
    assert "Being sent: 0." in visitor.post("/moderation/mail/again/", follow=True).text
    assert visitor.get("/moderation/mail/again/").status_code == 405


def test_tried_now() -> None:
    retrying, visitor = mail("retrying"), Visitor(operator())
    visitor.post(f"/moderation/mail/{retrying.pk}/again/")
    retrying.refresh_from_db()
    assert (retrying.state, retrying.attempts) == ("retrying", 2)
    assert retrying.next_attempt_at <= timezone.now()


def test_what_waits_since_mail_to_the_address_came_back_is_tried_now() -> None:
    """But not what waits for another reason: a decision's mail leaves when it cannot be undone any more."""
    later, visitor = timezone.now() + timedelta(days=1), Visitor(operator())
    paused = mail("owed", next_attempt_at=later, last_error="Paused. The mailbox is full.")
    settling = mail("owed", next_attempt_at=later)
    assert visitor.get("/moderation/mail/?show=owed").text.count("Try now") == 1
    assert "It is being sent" in visitor.post(f"/moderation/mail/{paused.pk}/again/", follow=True).text
    assert page.NO_LONGER in visitor.post(f"/moderation/mail/{settling.pk}/again/", follow=True).text
    for row in (paused, settling):
        row.refresh_from_db()
    assert paused.next_attempt_at <= timezone.now() < settling.next_attempt_at


@pytest.mark.parametrize("state", ["owed", "retrying", "failed", "suppressed", "parked"])
def test_stopped_after_a_question(state: str) -> None:
    row, visitor = mail(state, stored={"text": "secret"}), Visitor(operator())
    asked = visitor.get(f"/moderation/mail/{row.pk}/stop/")
    assert "Do not send this mail?" in asked.text and "secret" not in asked.text
    assert "will not be sent" in visitor.post(f"/moderation/mail/{row.pk}/stop/", follow=True).text
    row.refresh_from_db()
    assert (row.state, row.last_error, row.stored) == ("cancelled", "Stopped by hand.", None)
    assert page.NO_LONGER in visitor.post(f"/moderation/mail/{row.pk}/stop/", follow=True).text


@pytest.mark.parametrize("state", ["sent", "sending", "cancelled"])
@pytest.mark.parametrize("button", ["again", "stop"])
def test_what_has_left_or_ended_stays_as_it_is(state: str, button: str) -> None:
    row = mail(state)
    before = rows()
    answer = Visitor(operator()).post(f"/moderation/mail/{row.pk}/{button}/", follow=True)
    assert page.NO_LONGER in answer.text and rows() == before


def test_operators_are_told_on_their_own_page_that_mail_failed() -> None:
    visitor = Visitor(operator())
    assert "could not be sent" not in visitor.get("/me/").text
    mail("failed")
    assert "One mail could not be sent" in visitor.get("/me/").text
    mail("failed", contact("other@guests.test"))
    assert "2 mails could not be sent" in visitor.get("/me/").text
    assert "could not be sent" not in Visitor(factories.moderator()).get("/me/").text
