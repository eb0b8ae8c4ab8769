"""On which devices somebody is signed in, how that ends, and how little is kept of it."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.utils import timezone

from accounts.auth import adapter, devices
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ADDRESS = "mo@members.test"
PHONE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Mobile Safari/537.36"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"


def signed_in(agent: str, ip: str = "203.0.113.77") -> Visitor:
    """Return the browser of somebody who has just signed in with the password."""
    visitor = Visitor(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    visitor.post("/accounts/login/", {"login": ADDRESS, "password": factories.PASSWORD})
    assert visitor.get("/me/").status_code == 200
    return visitor


def test_one_device_ends_another_and_ended_means_ended() -> None:
    member = factories.person(address=ADDRESS)
    phone, laptop = signed_in(PHONE), signed_in(LAPTOP)
    page = laptop.get("/accounts/sessions/").text
    assert "Chrome on Android" in page and "Firefox on Windows" in page and page.count("This device") == 1
    row = UserSession.objects.get(user=member, user_agent="Chrome on Android")
    stranger = Visitor(factories.person())
    stranger.post(f"/accounts/sessions/{row.pk}/end/")
    assert phone.get("/me/").status_code == 200, "nobody ends what is not theirs"
    laptop.get(f"/accounts/sessions/{row.pk}/end/")
    assert phone.get("/me/").status_code == 200, "GET ends nothing"
    laptop.post(f"/accounts/sessions/{row.pk}/end/")
    assert phone.get("/me/")["Location"].startswith("/accounts/login/")
    again = laptop.post(f"/accounts/sessions/{row.pk}/end/", follow=True)
    assert "signed out already" in again.text and laptop.get("/me/").status_code == 200


def test_all_others_end_and_this_one_stays() -> None:
    factories.person(address=ADDRESS)
    phone, tablet, laptop = signed_in(PHONE), signed_in(PHONE), signed_in(LAPTOP)
    laptop.post("/accounts/sessions/end-others/")
    for other in (phone, tablet):
        assert other.get("/me/")["Location"].startswith("/accounts/login/")
    assert laptop.get("/me/").status_code == 200 and UserSession.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::"), ("::ffff:203.0.113.77", "203.0.113.0")],
)
def test_networks_are_kept_and_no_addresses_and_families_and_no_versions(address: str, network: str) -> None:
    factories.person(address=ADDRESS)
    signed_in(PHONE, address)
    row = UserSession.objects.get()
    assert (row.ip, row.user_agent) == (network, "Chrome on Android")


def test_what_is_no_address_is_nowhere() -> None:
    assert adapter.truncated("unix:") == adapter.NOWHERE


def test_networks_are_forgotten_and_rows_go_with_their_sessions(settings: Any) -> None:
    factories.person(address=ADDRESS)
    signed_in(PHONE)
    gone = signed_in(LAPTOP)
    gone.session.flush()
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(days=settings.SESSION_NETWORK_DAYS, hours=1))
    devices.forget_old_sessions()
    assert [(row.user_agent, row.ip) for row in UserSession.objects.all()] == [("Chrome on Android", adapter.NOWHERE)]


def test_other_pages_write_nothing_on_the_same_day(django_assert_num_queries: Any) -> None:
    factories.person(address=ADDRESS)
    visitor = signed_in(PHONE)
    seen = UserSession.objects.get().last_seen_at
    visitor.get("/me/")
    assert UserSession.objects.get().last_seen_at == seen


def test_a_new_password_ends_the_other_devices() -> None:
    factories.person(address=ADDRESS)
    phone, laptop = signed_in(PHONE), signed_in(LAPTOP)
    form = {"oldpassword": factories.PASSWORD, "password1": "another horse 17", "password2": "another horse 17"}
    laptop.post("/accounts/password/change/", form)
    rows = UserSession.objects.values_list("session_key", flat=True)
    assert phone.session.session_key not in rows, "the list shows what is signed in, and nothing else"
    assert phone.get("/me/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("who", ["nobody", "stranger", "moderator", "owner"])
@pytest.mark.parametrize("verb", ["get", "head", "post", "put", "delete"])
def test_who_may_end_a_device_and_how(who: str, verb: str) -> None:
    """Another person's device and one that never was get the same answer; only the owner's button ends one."""
    owner = factories.person(address=ADDRESS)
    elsewhere = signed_in(LAPTOP)
    device = UserSession.objects.get(user=owner)
    visitor = {
        "nobody": lambda: Visitor(),
        "stranger": lambda: Visitor(factories.person()),
        "moderator": lambda: Visitor(factories.moderator()),
        "owner": lambda: Visitor(owner),
    }[who]()
    answers = [getattr(visitor, verb)(f"/accounts/sessions/{pk}/end/").status_code for pk in (device.pk, 999_999)]
    if who == "owner" and verb == "post":
        assert answers[0] == 302 and not UserSession.objects.filter(pk=device.pk).exists()
        assert elsewhere.get("/me/").status_code == 302, "ended means ended"
        return
    assert answers[0] == answers[1], "absent and forbidden answer alike"
    assert UserSession.objects.filter(pk=device.pk).exists() and elsewhere.get("/me/").status_code == 200
