"""The link that guests are mailed: who gets it, how often, and that the page tells nobody whether an address is known."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Contact, DataLink, Erasure
from accounts.models.contacts import key_of
from forum import tasks
from forum.models import Delivery
from forum.notifications import mails, subscriptions
from forum.privacy import requests
from forum.privacy.subject import Subject
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
KNOWN = "gwen@guests.test"


def ask(address: str) -> Any:
    """Send the form from a fresh browser."""
    return Visitor().post("/your-data/", {"email": address})


def owed() -> int:
    """Return how many mails with a link are to be sent."""
    return Delivery.objects.filter(kind="data", state="owed").count()


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_whoever_wrote_as_a_guest_is_mailed_a_link(is_confirmed: bool) -> None:
    post = factories.pending("Is this mine?", address=KNOWN)
    if is_confirmed:
        factories.confirmed(post)
    answer = ask("  GWEN@guests.test ")
    assert answer.status_code == 200 and "Please check your mail" in answer.text
    mail = mails.compose(Delivery.objects.select_related("data_link", "recipient").get(kind="data"))
    link = DataLink.objects.get()
    assert f"/your-data/{link.token}/" in mail.text
    page = Visitor().get(f"/your-data/{link.token}/")
    assert "Is this mine?" in page.text and KNOWN not in page.text


def test_known_and_unknown_addresses_get_the_same_page_and_bytes() -> None:
    factories.pending(address=KNOWN)
    factories.person(address="member@members.test")
    # At one moment: the header Expires names the second.
    with time_machine.travel(timezone.now(), tick=False):
        answers = [ask(address) for address in (KNOWN, "nobody@guests.test", "member@members.test")]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert owed() == 1


def test_nobody_can_flood_a_mailbox_with_links(settings: Any) -> None:
    settings.DATA_LINKS_PER_ADDRESS_DAY = 2
    factories.pending(address=KNOWN)
    pages = {ask(KNOWN).content for _ in range(4)}
    assert len(pages) == 1 and owed() == 2
    with time_machine.travel(timezone.now() + timedelta(days=1, hours=1), tick=True):
        tasks.housekeeping()
        ask(KNOWN)
    assert Delivery.objects.filter(kind="data").count() == 3


def test_too_many_from_one_network_and_what_is_no_address(settings: Any) -> None:
    settings.DATA_PER_NETWORK_HOUR = 1
    ask(KNOWN)
    full = ask(KNOWN)
    assert full.status_code == 429 and typed(full, "email") == KNOWN
    wrong = ask("gwen at guests")
    assert wrong.status_code == 422 and typed(wrong, "email") == "gwen at guests"
    assert any("with an @ in it" in words for words in summary(wrong))


def test_a_link_ends_by_itself_and_is_deleted(settings: Any) -> None:
    settings.DATA_LINK_HOURS = 24
    factories.pending(address=KNOWN)
    requests.send_link(KNOWN)
    token = DataLink.objects.get().token
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        assert Visitor().get(f"/your-data/{token}/").status_code == 404
        delivery = Delivery.objects.select_related("data_link", "recipient").get(kind="data")
        with pytest.raises(mails.NotWanted):
            mails.compose(delivery)
        tasks.housekeeping()
    assert not DataLink.objects.exists()


def test_whoever_said_this_was_not_me_is_mailed_no_link() -> None:
    post = factories.pending(address=KNOWN)
    assert post.contact
    subscriptions.disown(post.contact)
    Contact.objects.filter(pk=post.contact.pk).forget()
    ask(KNOWN)
    assert owed() == 0


def test_the_address_is_kept_until_the_erasure_that_was_asked_for_is_done(settings: Any) -> None:
    """Its key finds the posts: forgotten too early, their name would stay."""
    settings.UNCONFIRMED_DAYS = 1
    settings.ERASURE_HOURS = 48
    factories.pending(address=KNOWN)
    requests.request_erasure(Subject.guest(key_of(KNOWN)), keep_posts=False)
    with time_machine.travel(timezone.now() + timedelta(hours=30), tick=True):
        tasks.housekeeping()
        assert Contact.objects.get().address == KNOWN


def test_a_guest_asks_to_be_erased_and_is_mailed_the_way_back() -> None:
    factories.pending(address=KNOWN)
    requests.send_link(KNOWN)
    link = f"/your-data/{DataLink.objects.get().token}/"
    answer = Visitor().post(f"{link}erase/", {"posts": "delete"})
    wish = Erasure.objects.get()
    assert answer["Location"] == f"/erasure/{wish.token}/"
    assert not wish.keep_posts and wish.address_key == key_of(KNOWN)
    mail = mails.compose(Delivery.objects.select_related("erasure", "recipient").get(kind="erasure"))
    assert f"/erasure/{wish.token}/" in mail.text and "deleted, too" in mail.text
    assert "Your data will be erased on" in Visitor().get(link).text
    page = Visitor().get(answer["Location"])
    assert "Take it back" in page.text
    Visitor().post(answer["Location"])
    assert "Nothing will be erased" in Visitor().get(answer["Location"]).text
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.select_related("erasure", "recipient").get(kind="erasure"))


def test_a_double_click_is_one_wish_and_the_page_tells_when_it_is_too_late() -> None:
    user = factories.person("Ada")
    wish = requests.request_erasure(Subject.member(user), keep_posts=True)
    page = f"/erasure/{wish.token}/"
    Visitor().post(page)
    assert Visitor().post(page).status_code == 200
    late = requests.request_erasure(Subject.member(user), keep_posts=True)
    Erasure.objects.filter(pk=late.pk).update(due_at=timezone.now())
    answer = Visitor().post(f"/erasure/{late.token}/")
    assert answer.status_code == 409 and "too late" in answer.text
    Erasure.objects.filter(pk=late.pk).update(done_at=timezone.now())
    assert "Your data is erased" in Visitor().get(f"/erasure/{late.token}/").text


def test_account_mail_does_not_count_as_posts_of_that_address(settings: Any) -> None:
    settings.ASK_PER_ADDRESS_DAY = 1
    user = factories.person("Ada")
    address = EmailAddress.objects.get(user=user).email
    Visitor().post("/accounts/login/code/", {"email": address})
    assert Contact.objects.filter(user=None).exclude(address_key="").exists()
    from forum.posts import submit

    assert not submit.too_many_from(address)
    ask(address)
    assert owed() == 0
