"""The guest's signed link: for one purpose, one mailbox and 90 days; what it opens and what it must not."""

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from accounts import suppressions
from accounts.models import Contact
from accounts.models.contacts import key_of
from forum import tasks
from forum.models import Delivery, Post, Subscription
from forum.notifications import links, mails
from forum.posts import guest_posts
from tests import factories
from tests.forum.notifications.mail_samples import Kind, owed
from tests.support.visitors import Visitor, ordinary_site, written  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ADDRESS = "gerda@guests.test"


def asked(address: str = ADDRESS, *, confirmed: bool = True) -> Contact:
    """Return the contact of a guest's new public question."""
    question = factories.published(address=address)
    if confirmed:
        factories.confirmed(question)
    assert question.contact
    return question.contact


def page_of(contact: Contact) -> str:
    return f"/mail-choices/{links.preferences_token(contact)}/"


def test_it_is_about_the_confirmed_questions_of_that_address_alone() -> None:
    mine, also_mine = asked(), asked(ADDRESS.upper())
    asked(confirmed=False), asked("other@guests.test")
    form = Visitor().get(page_of(mine)).context["form"]
    followed = Subscription.objects.filter(contact__in=(mine, also_mine))
    assert {field.name for field in form.followed} == {f"follow-{row.pk}" for row in followed}


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize(
    "token", ["expired", "forged", "cut off", "of another purpose", "a member's", "unconfirmed", "forgotten", "words"]
)
def test_every_link_that_does_not_hold_gets_the_same_page(token: str, verb: str) -> None:
    contact = asked(confirmed=token != "unconfirmed")
    signed = links.preferences_token(contact)
    tokens = {
        "forged": signed[:-1] + ("A" if signed[-1] != "A" else "B"),
        "cut off": signed[:-5],
        "of another purpose": signing.dumps(contact.pk, salt="something else"),
        "a member's": links.preferences_token(Contact.objects.for_user(factories.person())),
        "words": signing.dumps("1 OR 1=1", salt=links.PREFERENCES_SALT),
    }
    if token == "forgotten":
        Contact.objects.filter(pk=contact.pk).forget()
    later = timedelta(days=90, seconds=5) if token == "expired" else timedelta()
    with time_machine.travel(timezone.now() + later, tick=False):
        answer = getattr(Visitor(), verb)(f"/mail-choices/{tokens.get(token, signed)}/", {"all": "off"})
    assert answer.status_code == 404
    assert "This link does not work" in answer.text and 'href="/your-data/"' in answer.text
    assert not Subscription.objects.exclude(ended_at=None).exists()


def test_it_holds_for_90_days() -> None:
    path = page_of(asked())
    with time_machine.travel(timezone.now() + timedelta(days=89, hours=23), tick=False):
        assert Visitor().get(path).status_code == 200


def test_nobody_else_is_touched_by_it() -> None:
    mine, other = asked(), asked("other@guests.test")
    Visitor().post(page_of(mine), {"all": "off"})
    assert set(Subscription.objects.exclude(ended_at=None).values_list("contact", flat=True)) == {mine.pk}
    assert not Subscription.objects.filter(contact=other).exclude(ended_at=None).exists()


def test_it_can_do_nothing_but_choose_mail() -> None:
    """The token opens none of the other private pages."""
    token = links.preferences_token(asked())
    for page in ("p", "confirm", "unsubscribe", "your-data", "erasure"):
        assert Visitor().get(f"/{page}/{token}/").status_code == 404


def test_the_page_tells_no_address_and_is_kept_by_nobody() -> None:
    contact = asked()
    answer = Visitor().get(page_of(contact))
    assert "gerda" not in answer.text and contact.address_key not in answer.text and contact.token not in answer.text
    assert answer["Referrer-Policy"] == "no-referrer" and "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"] and 'content="noindex"' in answer.text


def test_the_token_is_in_no_log(written: io.StringIO) -> None:  # noqa: F811 - a fixture
    path = page_of(asked())
    Visitor(enforce_csrf_checks=True).post(path, {"all": "off"})
    Visitor().get(path + "x/")
    assert path.split("/")[2] not in written.getvalue()


def test_a_question_that_is_not_public_is_not_told_by_its_title() -> None:
    """Mail is passed on: whoever has the link need not be the one who asked."""
    question = factories.pending("A question about zebras?", address=ADDRESS)
    page = Visitor().get(page_of(factories.confirmed(question))).text
    assert "zebras" not in page and "A question that is not public" in page


# --- Mail that comes back


@pytest.mark.parametrize(
    ("reason", "words"), [("hard", "came back, so we have stopped"), ("soft", "try again on"), ("complaint", "as spam")]
)
def test_a_guest_whose_mail_comes_back_sees_it_and_can_try_again(reason: str, words: str) -> None:
    contact = asked()
    suppressions.suppress(contact.address_key, suppressions.Reason(reason))
    page = Visitor().get(page_of(contact))
    assert words in page.text
    answer = Visitor().post(page_of(contact), {"arrives": "yes"}, follow=True)
    assert "send you mail again" in answer.text and "does not reach you" not in answer.text
    assert suppressions.in_force([contact.address_key]) is None


def test_nobody_lifts_what_another_address_has_earned() -> None:
    suppressions.suppress(key_of("other@guests.test"), suppressions.Reason.HARD)
    Visitor().post(page_of(asked()), {"arrives": "yes"})
    member = factories.person(address="member@members.test")
    suppressions.suppress(key_of("member@members.test"), suppressions.Reason.HARD)
    Visitor(member).post("/me/notifications/", {"arrives": "yes"})
    assert suppressions.in_force([key_of("other@guests.test")])


# --- Where the link stands


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.ACCOUNT])
def test_every_mail_says_where_to_choose(kind: Delivery.Kind) -> None:
    """Members at home, confirmed guests by their link; who has not confirmed has nothing to choose."""
    delivery = owed(kind)
    mail = mails.compose(delivery)
    contact = delivery.recipient
    for_guests = "/mail-choices/" if contact.is_confirmed else ""
    expected = "/me/notifications/" if contact.user_id else for_guests
    for part in (mail.text, mail.html):
        assert ("E-mail settings" in part) == bool(expected) and expected in part
    if expected == "/mail-choices/":
        token = mail.text.split("/mail-choices/")[1].split("/")[0]
        assert links.read_preferences_token(token) == contact.pk


def test_the_page_of_ones_data_leads_to_it() -> None:
    from forum.privacy import requests

    contact = asked()
    requests.send_link(ADDRESS)
    link = Delivery.objects.get(kind="data", recipient=contact).data_link
    assert link
    page = Visitor().get(f"/your-data/{link.token}/").text
    token = page.split("/mail-choices/")[1].split("/")[0]
    assert links.read_preferences_token(token) == contact.pk


# --- What becomes of choices


def test_links_only_holds_for_the_next_question_before_anything_leaves() -> None:
    Contact.objects.filter(pk=asked().pk).update(links_only=True)
    assert Contact.objects.get(pk=asked().pk).links_only
    assert not Contact.objects.get(pk=asked("other@guests.test").pk).links_only
    assert not Contact.objects.get(pk=asked(confirmed=False).pk).links_only


def test_who_stopped_all_by_mistake_has_a_day_to_take_it_up() -> None:
    contact = asked()
    Delivery.objects.all().update(state="sent")
    Visitor().post(page_of(contact), {"all": "off"})
    tasks.housekeeping()
    assert Visitor().post(page_of(contact), {"all": "on"}, follow=True).status_code == 200
    assert Subscription.objects.active().filter(contact=contact, kind="thread").exists()
    Visitor().post(page_of(contact), {"all": "off"})
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        tasks.housekeeping()
        assert Visitor().get(page_of(contact)).status_code == 404
    assert Contact.objects.get(pk=contact.pk).address == ""


def test_a_choice_of_lists_alone_keeps_no_address() -> None:
    contact = asked()
    Delivery.objects.all().update(state="sent")
    visitor = Visitor()
    form = visitor.get(page_of(contact)).context["form"]
    follow = Subscription.objects.get(contact=contact)
    values = {"wanted": ["digest"], "pace": "daily", "seen": form["seen"].value(), f"follow-{follow.pk}": "stopped"}
    assert visitor.post(page_of(contact), values).status_code == 302
    assert Subscription.objects.active().filter(contact=contact).exclude(kind="thread").exists()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        tasks.housekeeping()
    assert Contact.objects.get(pk=contact.pk).address == ""


def test_what_a_guest_chose_does_not_stand_in_the_way_of_joining() -> None:
    member, contact = factories.person(address=ADDRESS), asked()
    for person, path in ((None, page_of(contact)), (member, "/me/notifications/")):
        Visitor(person).post(path, {"all": "off"})
    post = Post.objects.get(contact=contact)
    assert guest_posts.claim(member, [post.public_id]) == 1
    assert not Subscription.objects.active().filter(contact__user=member).exists()
    assert Visitor().get(page_of(contact)).status_code == 404


def test_what_a_choice_costs_does_not_grow(django_assert_max_num_queries: Any) -> None:
    contacts = [asked() for _ in range(8)]
    with django_assert_max_num_queries(14):
        assert Visitor().get(page_of(contacts[0])).status_code == 200
