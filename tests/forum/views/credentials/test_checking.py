"""From asking to the public page: each step by the pages' own forms, what it owes, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import credentials, roles
from accounts.models import Credential, CredentialRequest, User
from forum.models import Delivery, LogEntry
from forum.notifications import mails
from forum.physicians import credential_steps
from tests import factories
from tests.forum.views.credentials.people import LICENCE, NOTE, REASON, Signed, application
from tests.support.visitors import Visitor, error_beside, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
HERE = "/me/recognition/"


def mailed(kind: str) -> set[str]:
    """Return the names of those who are owed a mail of the kind."""
    return set(Delivery.objects.filter(kind=kind).values_list("recipient__user__name", flat=True))


def only() -> CredentialRequest:
    """Return the one request there is."""
    return CredentialRequest.objects.get()


def test_a_member_asks_one_checks_another_grants_and_the_person_is_a_physician() -> None:
    ann, ella, max_ = factories.person("Ann"), factories.checker("Ella"), factories.checker("Max")
    assert Signed(ann).post(HERE, application())["Location"] == HERE
    asked = only()
    assert (asked.user, asked.licence_number, asked.conflicts) == (ann, LICENCE, credentials.NO_CONFLICTS)
    assert mailed("checkers") == {"Ella", "Max"}
    page = Signed(ella).get(f"/credentials/{asked.public_id}/")
    assert LICENCE in page.text and "Check the licence" in page.text

    answer = Signed(ella).post(f"/credentials/{asked.public_id}/check/", {"note": NOTE})
    assert answer["Location"] == f"/credentials/{asked.public_id}/"
    second = Delivery.objects.filter(kind="checkers", event__endswith=":grant")
    assert [delivery.recipient.user for delivery in second] == [max_]
    assert '<h2 id="grant">' not in Signed(ella).get(answer["Location"]).text
    assert NOTE in Signed(max_).get(answer["Location"]).text

    Signed(max_).post(f"/credentials/{asked.public_id}/grant/")
    credential, today = Credential.objects.get(), timezone.localdate()
    assert (credential.checked_by, credential.granted_by, credential.request) == (ella, max_, asked)
    assert (credential.checked_on, credential.valid_from) == (today, today)
    assert credential.valid_until == credentials.a_year_after(today)
    ann = User.objects.get(pk=ann.pk)
    assert ann.groups.get().name == roles.PHYSICIANS and ann.current_credential() == credential
    assert not ann.has_perm("forum.moderate_posts"), "a physician is not thereby a moderator"
    assert [entry.move for entry in LogEntry.objects.order_by("pk")] == ["check", "grant"]
    assert {entry.subject for entry in LogEntry.objects.all()} == {ann}
    assert mailed("recognised") == {"Ann"}
    assert "until" in mails.compose(Delivery.objects.get(kind="recognised")).text
    assert "Dr Ann Asker" in Visitor().get("/physicians/").text


def test_declining_tells_the_person_why_and_they_can_ask_again() -> None:
    ann, ella = factories.person("Ann"), factories.checker("Ella")
    asked = factories.asked(ann)
    here = f"/credentials/{asked.public_id}/decline/"
    empty = Signed(ella).post(here, {"reason": " ", "seen": "asked"})
    assert empty.status_code == 422 and "Write a reason" in error_beside(empty, "reason")
    Signed(ella).post(here, {"reason": REASON, "seen": "asked"})
    assert only().state == "declined" and not Credential.objects.exists()
    assert REASON in mails.compose(Delivery.objects.get(kind="recognised")).text
    entry = LogEntry.objects.get()
    assert (entry.move, entry.actor, entry.subject, entry.reason) == ("decline", ella, ann, REASON)
    page = Signed(ann).get(HERE)
    assert REASON in page.text and 'name="licence_number"' in page.text
    assert Signed(ann).post(HERE, application()).status_code == 302


def test_taking_back_stops_it_and_its_mail() -> None:
    ann, ella = factories.person("Ann"), factories.checker("Ella")
    asked = factories.asked(ann)
    assert Signed(ann).post(f"{HERE}take-back/")["Location"] == HERE
    assert only().state == "taken-back"
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.get(kind="checkers"))
    late = Signed(ella).post(f"/credentials/{asked.public_id}/check/", {"note": NOTE})
    assert late.status_code == 409 and "Ann</strong> took it back" in late.text and NOTE in late.text
    again = Signed(ann).post(f"{HERE}take-back/", follow=True)
    assert "You have no open request" in again.text


def test_each_finds_the_way_from_where_they_are() -> None:
    """A member from their page, a checker from theirs and from moderation's, a reader from the foot of every page."""
    assert f'href="{HERE}"' in Signed(factories.person()).get("/me/").text
    checker = factories.person("", roles.CHECKERS, roles.MODERATORS)
    for page in ("/me/", "/moderation/"):
        assert 'href="/credentials/"' in Signed(checker).get(page).text
        assert 'href="/credentials/"' not in Signed(factories.moderator()).get(page).text
    assert 'href="/physicians/"' in Visitor().get("/").text


# --- What only checkers see


def test_the_licence_number_is_seen_by_checkers_and_while_it_waits_by_the_person() -> None:
    ann, ella, max_ = factories.person("Ann"), factories.checker("Ella"), factories.checker("Max")
    asked = factories.asked(ann, licence_number=LICENCE)
    assert LICENCE in Signed(ann).get(HERE).text
    credential_steps.check(asked, by=ella, note=NOTE)
    credential = credential_steps.grant(asked, by=max_)
    assert LICENCE in Signed(ella).get(f"/credentials/{asked.public_id}/").text
    everybody = [None, ann, factories.moderator(), factories.person("", roles.STAFF, is_staff=True)]
    for user in everybody:
        for url in (
            HERE,
            "/me/",
            "/physicians/",
            f"/physicians/{credential.public_id}/",
            f"/credentials/{asked.public_id}/",
        ):
            assert "7654" not in Signed(user).get(url, follow=True).text, url
    for delivery in Delivery.objects.all():
        mail = mails.compose(delivery) if delivery.kind == "recognised" else None
        assert mail is None or "7654" not in mail.text + mail.html + mail.subject
    assert "7654" not in str(list(LogEntry.objects.values()))


def test_a_reason_cannot_carry_the_licence_number_into_the_log() -> None:
    asked = factories.asked(licence_number=LICENCE)
    form = {"reason": "There is no gmc-7654 321 in the register.", "seen": "asked"}
    page = Signed(factories.checker()).post(f"/credentials/{asked.public_id}/decline/", form)
    assert page.status_code == 422 and "leave out the licence number" in error_beside(page, "reason")
    assert typed(page, "reason") == form["reason"] and only().state == "asked"


def test_it_is_forgotten_when_nothing_needs_it() -> None:
    declined, taken_back, waits = (factories.asked() for _ in range(3))
    credential_steps.decline(declined, by=factories.checker(), reason=REASON, seen="asked")
    credential_steps.take_back(taken_back)
    in_force, lapsed, withdrawn = (factories.recognised() for _ in range(3))
    credential_steps.withdraw(withdrawn, by=factories.checker(), reason=REASON)
    long_ago = timezone.now() - credentials.KEPT_AFTER_END - timedelta(days=1)
    Credential.objects.filter(pk=lapsed.pk).update(valid_from=long_ago.date(), valid_until=long_ago.date())
    Credential.objects.filter(pk=withdrawn.pk).update(withdrawn_at=long_ago)
    assert credentials.forget_licence_numbers() == 2, "of the two that ended long ago"
    refused = CredentialRequest.objects.filter(pk__in=[declined.pk, taken_back.pk])
    refused.update(decided_at=timezone.now() - credentials.KEPT_AFTER_REFUSAL - timedelta(hours=1))
    assert credentials.forget_licence_numbers() == 2 and credentials.forget_licence_numbers() == 0
    kept = CredentialRequest.objects.exclude(licence_number="")
    assert {row.pk for row in kept} == {waits.pk, in_force.request_id}
    gone = CredentialRequest.objects.filter(licence_number="")
    assert {(row.registry_url, row.check_note) for row in gone} == {("", "")}


def test_the_log_says_who_did_what_about_whom_and_can_be_narrowed_to_it() -> None:
    credential = factories.recognised(factories.person("Ann"))
    credential_steps.withdraw(credential, by=factories.checker("Ella"), reason=REASON)
    visitor = Visitor(factories.moderator())
    for move, words in {
        "check": "checked the licence of",
        "grant": "recognised as a physician",
        "revoke": "withdrew the credential of",
    }.items():
        page = " ".join(visitor.get(f"/moderation/log/?move={move}").text.split())
        assert f"{words} <strong>Ann</strong>" in page and NOTE not in page and "LIC-" not in page
    assert REASON in visitor.get("/moderation/log/?move=revoke").text


# --- Two people, and nobody themselves


def test_who_checked_does_not_grant() -> None:
    ella, asked = factories.checker("Ella"), factories.asked()
    credential_steps.check(asked, by=ella, note=NOTE)
    page = Signed(ella).post(f"/credentials/{asked.public_id}/grant/")
    assert page.status_code == 403 and "somebody else has to grant it" in page.text
    with pytest.raises(credentials.Refused):
        credentials.grant(asked, by=ella)
    assert not Credential.objects.exists()


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nobody_decides_about_their_own(is_superuser: bool) -> None:
    ella, _max = factories.checker("Ella", is_superuser=is_superuser), factories.checker("Max")
    asked = factories.asked(ella)
    visitor, here = Signed(ella), f"/credentials/{asked.public_id}/"
    page = visitor.get(here)
    assert "This is your own" in page.text and "<button" not in page.text.split("<main")[1].split("</main>")[0]
    for end, form in {"check": {"note": NOTE}, "decline": {"reason": REASON, "seen": "asked"}}.items():
        answer = visitor.post(f"{here}{end}/", form)
        assert answer.status_code == 403 and "Nobody decides about their own" in answer.text
    assert only().state == "asked"
    credential_steps.check(asked, by=factories.checker(), note=NOTE)
    assert visitor.post(f"{here}grant/").status_code == 403
    credential = credential_steps.grant(asked, by=factories.checker())
    answer = visitor.post(f"/credentials/granted/{credential.public_id}/withdraw/", {"reason": REASON})
    assert answer.status_code == 403 and Credential.objects.in_force().exists()
    assert mailed("checkers") == {"Max"}


def test_a_door_does_not_open_without_the_right_whoever_knocks() -> None:
    asked, moderator = factories.asked(), factories.moderator()
    for step in (
        lambda: credentials.check(asked, by=moderator, note=NOTE),
        lambda: credentials.grant(asked, by=moderator),
        lambda: credentials.decline(asked, by=moderator, reason=REASON, seen="asked"),
        lambda: credentials.withdraw(factories.recognised(), by=moderator, reason=REASON),
    ):
        with pytest.raises(credentials.Refused):
            step()


# --- Once is once


def test_a_double_click_asks_once_and_something_else_is_told_of() -> None:
    visitor = Signed(factories.person())
    for _ in range(2):
        assert visitor.post(HERE, application())["Location"] == HERE
    assert CredentialRequest.objects.count() == 1
    other = visitor.post(HERE, application(specialty="Pain medicine"))
    assert other.status_code == 409 and "Pain medicine" in other.text and only().specialty == "Neurology"


def test_a_double_click_of_a_checker_counts_once_and_goes_on() -> None:
    ella, max_, asked = factories.checker("Ella"), factories.checker("Max"), factories.asked()
    here = f"/credentials/{asked.public_id}/"
    steps: list[tuple[User, str, dict[str, str]]] = [(ella, "check", {"note": NOTE}), (max_, "grant", {})]
    for user, end, form in steps:
        for _ in range(2):
            assert Signed(user).post(f"{here}{end}/", form)["Location"] == here
    withdraw = f"/credentials/granted/{Credential.objects.get().public_id}/withdraw/"
    for _ in range(2):
        assert Signed(ella).post(withdraw, {"reason": REASON}).status_code == 302
    assert [entry.move for entry in LogEntry.objects.order_by("pk")] == ["check", "grant", "revoke"]
    assert Delivery.objects.filter(kind__in=["recognised", "credential"]).count() == 2


def test_who_comes_second_is_told_who_did_what_and_keeps_the_words() -> None:
    ella, max_, asked = factories.checker("Ella"), factories.checker("Max"), factories.asked()
    here = f"/credentials/{asked.public_id}/"
    credential_steps.check(asked, by=ella, note=NOTE)
    late = Signed(max_).post(f"{here}check/", {"note": "I looked, too."})
    assert late.status_code == 409 and "Ella</strong> checked it" in late.text and "I looked, too." in late.text
    # Max opened the page before Ella checked it: what he declines is not what he has seen.
    late = Signed(max_).post(f"{here}decline/", {"reason": REASON, "seen": "asked"})
    assert late.status_code == 409 and REASON in late.text and only().state == "checked"
    credential_steps.grant(asked, by=max_)
    for end in ("check", "grant", "decline"):
        late = Signed(factories.checker()).post(f"{here}{end}/", {"note": NOTE, "reason": REASON, "seen": "checked"})
        assert late.status_code == 409 and "Max</strong> granted it" in late.text
    credential = Credential.objects.get()
    credential_steps.withdraw(credential, by=ella, reason=REASON)
    late = Signed(max_).post(f"/credentials/granted/{credential.public_id}/withdraw/", {"reason": "Mine."})
    assert late.status_code == 409 and "Ella</strong> withdrew" in late.text and "Mine." in late.text
    assert Delivery.objects.filter(kind__in=["recognised", "credential"]).count() == 2


def test_two_tabs_at_once_make_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes when the first is stored but was not there to be seen: the database lets one wait."""
    user = factories.person()
    first = factories.asked(user)
    answers = iter([None, first])
    monkeypatch.setattr(credentials, "open_request", lambda user: next(answers))
    with pytest.raises(credentials.Stale) as told:
        factories.asked(user)
    assert told.value.now == first and CredentialRequest.objects.count() == 1


# --- Reauthentication


@pytest.mark.parametrize("end", ["check", "grant"])
def test_a_step_asks_for_the_password_of_who_typed_it_long_ago_and_then_goes_on(end: str) -> None:
    ella, asked = factories.checker("Ella"), factories.asked()
    if end == "grant":
        credential_steps.check(asked, by=factories.checker(), note=NOTE)
    visitor, here = Signed(ella, seconds_ago=3600), f"/credentials/{asked.public_id}/"
    before = only().state
    answer = visitor.post(f"{here}{end}/", {"note": NOTE})
    assert answer["Location"].startswith("/accounts/reauthenticate/") and only().state == before
    done = visitor.post(answer["Location"], {"password": factories.PASSWORD})
    assert done["Location"] == here and only().state != before
    assert visitor.get(f"{here}{end}/")["Location"] == here


def test_withdrawing_asks_for_the_password_too() -> None:
    credential = factories.recognised()
    url = f"/credentials/granted/{credential.public_id}/withdraw/"
    answer = Signed(factories.checker(), seconds_ago=3600).post(url, {"reason": REASON})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert Credential.objects.in_force().exists()


# --- Bad input

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"full_name": ""}, "full_name", "Write your full name"),
    ({"full_name": "ann@members.test"}, "full_name", "e-mail address"),
    ({"full_name": "A\x00B"}, "full_name", "control characters"),
    ({"full_name": "x" * 121}, "full_name", "120"),
    ({"full_name": f"Ann {LICENCE}"}, "full_name", "leave out the licence number"),
    ({"licence_number": " \u200b"}, "licence_number", "number of your licence"),
    ({"licence_number": "---"}, "licence_number", "number of your licence"),
    ({"licence_number": "9" * 61}, "licence_number", "60"),
    ({"licence_number": "ann@members.test"}, "licence_number", "e-mail"),
    ({"jurisdiction": ""}, "jurisdiction", "where you are licensed"),
    ({"jurisdiction": "write to ann@members.test"}, "jurisdiction", "e-mail"),
    ({"registry_url": "javascript:alert(1)"}, "registry_url", "web address"),
    ({"registry_url": "ftp://register.test/x"}, "registry_url", "web address"),
    ({"registry_url": "not a link"}, "registry_url", "web address"),
    ({"registry_url": "https://register.test/?mail=ann@members.test"}, "registry_url", "e-mail"),
    ({"registry_url": "https://register.test/" + "x" * 300}, "registry_url", "300"),
    ({"specialty": ""}, "specialty", "Write your specialty"),
    ({"specialty": "x" * 121}, "specialty", "120"),
    ({"no_conflicts": None}, "conflicts", "tick the box"),
    ({"conflicts": "A pump maker pays me."}, "conflicts", "You ticked that you have none"),
    ({"no_conflicts": None, "conflicts": "x" * 601}, "conflicts", "shorten"),
    ({"no_conflicts": None, "conflicts": f"My number: {LICENCE}"}, "conflicts", "leave out the licence number"),
]


@pytest.mark.parametrize(("fields", "name", "words"), BAD)
def test_what_is_wrong_is_said_beside_the_field_and_all_is_kept(fields: dict[str, Any], name: str, words: str) -> None:
    form = application(**fields)
    page = Signed(factories.person()).post(HERE, form)
    assert page.status_code == 422 and words in error_beside(page, name)
    assert [line for line, link in summary(page).items() if link == f"#id_{name}" and words in line]
    assert typed(page, "specialty") == form["specialty"] and not CredentialRequest.objects.exists()


def test_conflicts_are_kept_as_they_were_said() -> None:
    visitor = Signed(factories.person())
    visitor.post(HERE, application(no_conflicts=None, conflicts="A pump maker\npaid a journey."))
    assert only().conflicts == "A pump maker\npaid a journey."


def test_too_many_requests_of_one_person_wait() -> None:
    ann = factories.person()
    for _ in range(credentials.REQUESTS_A_MONTH):
        credential_steps.take_back(factories.asked(ann))
    page = Signed(ann).post(HERE, application())
    assert page.status_code == 403 and "wait a month" in page.text and typed(page, "specialty") == "Neurology"


def test_unknown_ids_are_nowhere() -> None:
    visitor = Signed(factories.checker())
    for url in ("/credentials/nosuchone/", "/credentials/granted/nosuchone/", "/physicians/nosuchone/"):
        assert visitor.get(url).status_code == 404
    for url in ("/credentials/?from=nosuchone", "/credentials/in-force/?to=x", "/physicians/?from=nosuchone"):
        assert visitor.get(url).status_code == 404
    assert visitor.post("/credentials/nosuchone/grant/").status_code == 404
