"""Sanctions: who may put them on, what they stop, that they are told, and that they end by themselves."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import roles
from accounts.conflicts import Refused
from accounts.models import User
from forum.models import Delivery, LogEntry, Post, Sanction
from forum.moderation import sanctions
from forum.notifications import mails
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
REASON = "Please be kinder to others."


def put(kind: str, user: User, *, days: int = 7, actor: User | None = None) -> Sanction:
    """Put a sanction on somebody."""
    return sanctions.impose(user, sanctions.Measure(kind, days, REASON), actor=actor or factories.moderator())


def page_of(user: User) -> str:
    """Return the page with the member's record."""
    return f"/moderation/people/{sanctions.key_of(user)}/"


def sanction_form(**fields: str) -> dict[str, str]:
    """Return what a moderator's browser sends."""
    return {"kind": "pause", "days": "7", "reason": REASON, **fields}


# --- Finding people


def test_a_member_is_found_by_name_or_its_beginning_and_never_by_address() -> None:
    ann = factories.person("Ann", address="zebra@members.test")
    anna, ben = factories.person("Anna Berg"), factories.person("Ben")
    visitor = Visitor(factories.moderator())
    page = visitor.get("/moderation/people/?q=ann").text
    assert page.index(page_of(ann)) < page.index(page_of(anna))
    assert page_of(ben) not in page
    for query in ("zebra", "zebra@members.test", "", "%", "nobody", "\0"):
        assert page_of(ann) not in visitor.get("/moderation/people/", {"q": query}).text
    assert "zebra" not in page


def test_at_most_twenty_are_shown_and_finding_costs_the_same() -> None:
    visitor, costs = Visitor(factories.moderator()), []
    for more in (3, 27):
        for number in range(more):
            factories.person(f"Twin {more} {number}")
        with CaptureQueriesContext(connection) as captured:
            page = visitor.get("/moderation/people/?q=twin").text
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert page.count('<a href="/moderation/people/') == 20 + 1  # and the link of the navigation


def test_the_link_to_a_member_cannot_be_made_up() -> None:
    user, visitor = factories.person(), Visitor(factories.moderator())
    key = sanctions.key_of(user)
    number, signature = key.split(".")
    for wrong in (number, str(user.pk), f"{int(number) + 1}.{signature}", key[:-1], user.handle, "x.y", "."):
        assert visitor.get(f"/moderation/people/{wrong}/").status_code == 404
    assert visitor.get(page_of(user)).status_code == 200


def test_a_post_leads_to_its_authors_record() -> None:
    member = factories.person()
    post, visitor = factories.pending(user=member), Visitor(factories.moderator())
    answer = visitor.get(f"/moderation/people/by-post/{post.public_id}/")
    assert answer["Location"] == page_of(member)
    assert visitor.get(f"/moderation/people/by-post/{factories.pending().public_id}/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("", 302), ("person", 403), ("physician", 403), ("moderator", 200)])
def test_only_moderators_and_staff_see_records(role: str, status: int) -> None:
    visitor = Visitor(getattr(factories, role)()) if role else Visitor()
    member = factories.person()
    assert visitor.get("/moderation/people/").status_code == status
    assert visitor.get(page_of(member)).status_code == status
    if status != 200:
        assert visitor.post(f"{page_of(member)}sanction/", sanction_form()).status_code == status
        sanction = put("pause", member)
        assert visitor.post(f"/moderation/sanctions/{sanction.pk}/lift/").status_code == status
        assert Sanction.objects.in_force().count() == 1


def test_the_record_counts_posts_reports_and_sanctions_at_a_constant_price() -> None:
    member, visitor, costs = factories.person(address="zebra@members.test"), Visitor(factories.moderator()), []
    for more in (3, 27):
        for _ in range(more):
            post = factories.published(user=member)
            post.reports.create(reporter_key=f"someone {post.pk}", reason="other", outcome="kept")
            factories.published().reports.create(reporter=member, reporter_key=f"member:{member.pk}", reason="other")
            sanctions.lift(put("pause", member), actor=factories.moderator())
        with CaptureQueriesContext(connection) as captured:
            page = visitor.get(page_of(member)).text
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert "30 published" in page and "30 reviewed, and the post left as it was" in page and "30 open" in page
    assert page.count(REASON) == 30
    assert "zebra" not in page and member.handle not in page


# --- Putting on and lifting


@pytest.mark.parametrize("kind", list(Sanction.Kind))
def test_a_sanction_is_logged_and_told_with_its_reason_once(kind: str) -> None:
    member, moderator = factories.person(), factories.moderator()
    visitor, form = Visitor(moderator), sanction_form(kind=kind, days="3")
    for _ in range(2):  # a double click
        assert visitor.post(f"{page_of(member)}sanction/", form)["Location"] == page_of(member)
    sanction = Sanction.objects.get()
    assert (sanction.user, sanction.kind, sanction.reason, sanction.created_by) == (member, kind, REASON, moderator)
    assert sanction.ends_at - sanction.created_at < timedelta(days=3, seconds=5)
    entry = LogEntry.objects.get(move="sanction")
    assert (entry.actor, entry.subject, entry.reason) == (moderator, member, REASON)
    assert entry.details == {"kind": [None, kind], "days": [None, 3]}
    delivery = Delivery.objects.get(kind="sanction")
    assert (delivery.event, delivery.recipient.user) == (f"sanction:{sanction.pk}", member)
    assert REASON in mails.compose(delivery).text
    if kind != "close":
        assert REASON in Visitor(member).get("/me/").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "0"}, "from 1 to 365"),
        ({"days": "366"}, "from 1 to 365"),
        ({"days": "-1"}, "from 1 to 365"),
        ({"days": "1.5"}, "from 1 to 365"),
        ({"days": "9" * 400}, "from 1 to 365"),
        ({"days": ""}, "how many days"),
        ({"kind": ""}, "a sanction"),
        ({"kind": "banish"}, "Choose one of these"),
        ({"reason": " \u200b"}, "Write a reason"),
        ({"reason": "x" * 1_001}, "shorten"),
        ({"reason": "Write to ann@example.org"}, "e-mail addresses"),
    ],
)
def test_bad_input_puts_nothing_on_and_keeps_what_was_typed(fields: dict[str, str], words: str) -> None:
    form = sanction_form(**fields)
    answer = Visitor(factories.moderator()).post(f"{page_of(factories.person())}sanction/", form)
    assert answer.status_code == 422
    assert any(words in line for line in summary(answer)), summary(answer)
    assert typed(answer, "days") == form["days"]
    assert not Sanction.objects.exists() and not LogEntry.objects.exists()


def test_nobody_decides_about_themselves_and_moderators_not_about_moderators_or_staff() -> None:
    moderator, staff = factories.moderator(), factories.person("", roles.STAFF)
    operator = factories.person(is_superuser=True, is_staff=True)
    refused = [
        (moderator, moderator),
        (moderator, factories.moderator()),
        (moderator, staff),
        (moderator, operator),
        (moderator, factories.person(is_staff=True)),
        (staff, staff),
        (staff, operator),
        (factories.person(), factories.person()),
    ]
    for actor, target in refused:
        with pytest.raises(Refused):
            put("close", target, actor=actor)
    answer = Visitor(moderator).post(f"{page_of(staff)}sanction/", sanction_form())
    assert answer.status_code == 403 and any("Only staff" in line for line in summary(answer))
    assert not Sanction.objects.exists() and not Delivery.objects.exists()
    for actor, target in ((staff, moderator), (moderator, factories.physician()), (operator, staff)):
        assert put("close", target, actor=actor)


def test_a_moderator_under_a_sanction_cannot_lift_it_themselves() -> None:
    moderator, staff = factories.moderator(), factories.person("", roles.STAFF)
    sanction = put("pause", moderator, actor=staff)
    for actor in (moderator, factories.moderator()):
        Visitor(actor).post(f"/moderation/sanctions/{sanction.pk}/lift/")
        assert sanctions.barring(moderator) == sanction
    Visitor(staff).post(f"/moderation/sanctions/{sanction.pk}/lift/")
    assert sanctions.barring(moderator) is None


def test_lifting_is_once_logged_and_stops_the_mail() -> None:
    member, moderator = factories.person(), factories.moderator()
    sanction = put("pause", member)
    visitor = Visitor(moderator)
    assert visitor.get(f"/moderation/sanctions/{sanction.pk}/lift/").status_code == 405
    for _ in range(2):
        assert visitor.post(f"/moderation/sanctions/{sanction.pk}/lift/")["Location"] == page_of(member)
    sanction.refresh_from_db()
    assert sanction.lifted_by == moderator
    entry = LogEntry.objects.get(move="lift")
    assert (entry.actor, entry.subject, entry.details) == (moderator, member, {"kind": ["pause", None]})
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.get(kind="sanction"))
    assert visitor.post("/moderation/sanctions/99999/lift/").status_code == 404


# --- What they stop


@pytest.mark.parametrize("make", [factories.person, factories.physician, factories.moderator])
def test_a_paused_person_cannot_ask_or_reply_and_loses_nothing_typed(make: Any) -> None:
    user, question = make(), factories.published()
    put("pause", user, actor=factories.person("", roles.STAFF))
    visitor = Visitor(user)
    for url in ("/questions/ask/", f"/questions/{question.public_id}/reply/"):
        answer = visitor.post(url, question_form(text="My long text."))
        assert answer.status_code == 403
        assert typed(answer, "text") == "My long text."
        assert any("asked you to pause until" in line and REASON in line for line in summary(answer))
    assert Post.objects.count() == 1
    assert visitor.get(question.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("kind", ["pause", "close"])
def test_a_barred_person_cannot_edit_but_can_withdraw_by_the_private_link(kind: str) -> None:
    member = factories.person()
    post = factories.pending("As it was.", user=member)
    put(kind, member)
    url = f"/p/{post.status_token}/"
    answer = Visitor().post(f"{url}edit/", {"text": "Another text.", "version": post.version})
    assert answer.status_code == 403 and typed(answer, "text") == "Another text."
    assert any(REASON in line for line in summary(answer))
    assert Post.objects.get().source == "As it was."
    assert Visitor().get(f"{url}edit/").status_code == 200
    assert Visitor().post(f"{url}withdraw/").status_code == 302


def test_a_text_sent_before_the_pause_is_found_again() -> None:
    member, form = factories.person(), question_form(text="Sent before, is it there?")
    visitor = Visitor(member)
    first = visitor.post("/questions/ask/", form)
    put("pause", member)
    assert visitor.post("/questions/ask/", form)["Location"] == first["Location"]


@pytest.mark.parametrize("kind", ["hold", "mute"])
def test_other_sanctions_let_people_write(kind: str) -> None:
    member = factories.person()
    put(kind, member)
    assert Visitor(member).post("/questions/ask/", question_form()).status_code == 302


def test_a_sanction_ends_by_itself() -> None:
    member = factories.person()
    put("pause", member, days=2)
    visitor = Visitor(member)
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=23)):
        assert visitor.post("/questions/ask/", question_form()).status_code == 403
        assert REASON in visitor.get("/me/").text
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=1)):
        assert visitor.post("/questions/ask/", question_form()).status_code == 302
        assert REASON not in visitor.get("/me/").text
        assert put("pause", member)  # the old one is over, so another can be put on


# --- A closed account


@pytest.mark.parametrize("make", [factories.person, factories.physician, factories.moderator])
def test_closing_ends_the_sessions_and_says_why(make: Any) -> None:
    user = make()
    phone, laptop = Visitor(user), Visitor(user)
    assert Session.objects.count() == 2
    put("close", user, actor=factories.person("", roles.STAFF))
    for browser in (phone, laptop):
        answer = browser.get("/me/")
        assert answer.status_code == 403
        assert "Your account is closed until" in answer.text and REASON in answer.text
        assert "no-store" in answer["Cache-Control"]
        assert browser.get("/me/").status_code == 302  # to the sign-in page
        assert browser.get("/questions/").status_code == 200
    assert not Session.objects.exists()


def test_nothing_is_done_in_the_name_of_a_closed_account() -> None:
    moderator, post = factories.moderator(), factories.pending()
    visitor = Visitor(moderator)
    put("close", moderator, actor=factories.person("", roles.STAFF))
    form = {"move": Move.PUBLISH, "version": post.version}
    assert visitor.post(f"/moderation/{post.public_id}/decide/", form).status_code == 403
    assert Post.objects.get().state == "pending"


def sign_in(user: User) -> tuple[Visitor, Any]:
    """Sign in by password, as a person does."""
    visitor = Visitor()
    address = EmailAddress.objects.get(user=user).email
    return visitor, visitor.post("/accounts/login/", {"login": address, "password": factories.PASSWORD})


def test_nobody_signs_in_with_a_closed_account_until_it_is_over() -> None:
    member = factories.person()
    put("close", member, days=3)
    visitor, answer = sign_in(member)
    assert answer.status_code == 403 and REASON in answer.text and "You are signed in" not in answer.text
    assert visitor.get("/me/").status_code == 302
    assert not Session.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        visitor, answer = sign_in(member)
        assert answer.status_code == 302
        assert visitor.get("/me/").status_code == 200


def test_a_wrong_password_tells_nothing_about_a_closed_account() -> None:
    member = factories.person()
    put("close", member)
    address = EmailAddress.objects.get(user=member).email
    answer = Visitor().post("/accounts/login/", {"login": address, "password": "wrong"})
    assert answer.status_code == 200 and REASON not in answer.text and "closed" not in answer.text


def test_readers_without_an_account_pay_nothing_for_it(settings: Any) -> None:
    question = factories.published()
    visitor = Visitor()
    with CaptureQueriesContext(connection) as captured:
        visitor.get(question.get_absolute_url())
    assert not [query for query in captured if "sanction" in query["sql"]]
    signed_in = Visitor(factories.person())
    with CaptureQueriesContext(connection) as captured:
        signed_in.get(question.get_absolute_url())
    assert len([query for query in captured if "sanction" in query["sql"]]) == 1
