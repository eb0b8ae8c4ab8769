"""Role x object x verb for every URL of recognition. Each cell starts from a fresh object and ends with a look at it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from accounts.models import Credential, CredentialRequest, User
from forum.models import Delivery, LogEntry
from forum.physicians import credential_steps
from tests import factories
from tests.forum.views.credentials.people import LICENCE, NOTE, REASON, Signed
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.table,
    pytest.mark.usefixtures("ordinary_site"),
    pytest.mark.database_neutral,
]

ROLES = ("anon", "member", "person", "moderator", "physician", "staff", "editor", "first", "other", "own")
CHECKERS = {"first", "other", "own"}
STATES = ("asked", "checked", "granted", "declined", "taken-back")
ENDS = ("in-force", "lapsed", "withdrawn")
# + done, = nothing more happens and it goes on, c somebody was faster, f refused, l sign in first.
STATUS = {"+": 302, "=": 302, "c": 409, "f": 403, "l": 302}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def everybody(width: int, **those: str) -> dict[str, str]:
    """Return a row for each role: refused to all, but for those named."""
    return {role: those.get(role, ("l" if role == "anon" else "f") * width) for role in ROLES}


# action -> role -> one sign for each state, in the order of STATES (of ENDS for withdraw). "first" is who has checked it,
# "own" a checker whose own request it is.
TABLE = {
    "check": everybody(5, first="+=ccc", other="+cccc"),
    "grant": everybody(5, first="cffcc", other="c+ccc"),
    "decline": everybody(5, first="++ccc", other="++ccc"),
    "withdraw": everybody(3, first="++c", other="++c"),
}
FORMS: dict[str, Callable[[CredentialRequest], dict[str, str]]] = {
    "check": lambda asked: {"note": NOTE},
    "grant": lambda asked: {},
    "decline": lambda asked: {"reason": REASON, "seen": asked.state},
    "withdraw": lambda asked: {"reason": REASON},
}


def people() -> dict[str, User | None]:
    """Return somebody for each role."""
    return {
        "anon": None,
        "member": factories.person("Mel"),
        "person": factories.person("Ann"),
        "moderator": factories.moderator("Mo"),
        "physician": factories.physician("Phil"),
        "staff": factories.person("Stan", roles.STAFF, is_staff=True),
        "editor": factories.person("Ed", roles.EDITORS),
        "first": factories.checker("Ella"),
        "other": factories.checker("Max"),
        "own": factories.checker("Olga"),
    }


def request_in(state: str, user: User, first: User) -> CredentialRequest:
    """Return a request of the person in the state, brought there by the site's own functions; decided by a third checker."""
    asked = factories.asked(user, licence_number=LICENCE)
    if state in {"checked", "granted"}:
        credential_steps.check(asked, by=first, note=NOTE)
    if state == "granted":
        credential_steps.grant(asked, by=factories.checker())
    if state == "declined":
        credential_steps.decline(asked, by=factories.checker(), reason=REASON, seen="asked")
    if state == "taken-back":
        credential_steps.take_back(asked)
    return asked


def credential_in(end: str, user: User, first: User) -> Credential:
    """Return a credential of the person: in force, lapsed or withdrawn by a third checker."""
    credential = request_in("granted", user, first).credential
    if end == "lapsed":
        day = timezone.localdate() - timedelta(days=1)
        Credential.objects.filter(pk=credential.pk).update(valid_from=day, valid_until=day)
    if end == "withdrawn":
        credential_steps.withdraw(credential, by=factories.checker(), reason="Another reason.")
    return credential


def rows() -> tuple[Any, ...]:
    """Return all that a step may change."""
    return (
        list(CredentialRequest.objects.order_by("pk").values()),
        list(Credential.objects.order_by("pk").values()),
        LogEntry.objects.count(),
        Delivery.objects.count(),
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", list(TABLE))
def test_every_button_for_every_role_in_every_state(action: str, role: str) -> None:
    cast, wrong = people(), {}
    for column, state in enumerate(ENDS if action == "withdraw" else STATES):
        user = cast["own"] if role == "own" else factories.person("Ann")
        first = cast["first"]
        assert user is not None and first is not None
        if action == "withdraw":
            credential = credential_in(state, user, first)
            asked, here = credential.request, f"/credentials/granted/{credential.public_id}/"
        else:
            asked = request_in(state, user, first)
            here = f"/credentials/{asked.public_id}/"
        assert asked is not None
        actor = user if role == "person" else cast[role]
        visitor, before = Signed(actor), rows()
        answer = visitor.post(f"{here}{action}/", FORMS[action](asked))
        sign = TABLE[action][role][column]
        signed_in = not answer.get("Location", "").startswith("/accounts/login/")
        changed = rows() != before
        if (answer.status_code, signed_in, changed) != (STATUS[sign], sign != "l", sign == "+"):
            wrong[state] = (sign, answer.status_code, answer.get("Location"), changed)
        CredentialRequest.objects.filter(user=user, state__in=CredentialRequest.OPEN).update(state="taken-back")
        Credential.objects.filter(user=user).update(valid_until=timezone.localdate(), valid_from=timezone.localdate())
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_absent_and_forbidden_answer_alike_and_checkers_read(role: str) -> None:
    cast = people()
    user, first = factories.person("Ann"), cast["first"]
    assert first is not None
    credential = credential_in("in-force", user, first)
    asked = credential.request
    assert asked is not None
    visitor = Signed(user if role == "person" else cast[role])
    pages = [f"/credentials/{asked.public_id}/", f"/credentials/granted/{credential.public_id}/"]
    for page in ("/credentials/", "/credentials/in-force/", *pages):
        answer = visitor.get(page)
        expected = 200 if role in CHECKERS else 302 if role == "anon" else 403
        assert answer.status_code == expected, page
        assert role in CHECKERS or "7654" not in answer.text
    for there, end in (
        (pages[0], "check"),
        (pages[0], "grant"),
        (pages[0], "decline"),
        (pages[1], "withdraw"),
        (pages[0], ""),
    ):
        absent = there.replace(asked.public_id, "nosuchone").replace(credential.public_id, "nosuchone")
        url, nowhere = (f"{page}{end}/" if end else page for page in (there, absent))
        method = "post" if end else "get"
        here, gone = getattr(visitor, method)(url), getattr(visitor, method)(nowhere)
        if role in CHECKERS:
            assert gone.status_code == 404, nowhere
        else:
            assert here.status_code == gone.status_code, nowhere
            assert TOKEN.sub("", here.text) == TOKEN.sub("", gone.text), nowhere


@pytest.mark.parametrize("role", ROLES)
def test_what_everybody_may_read(role: str) -> None:
    cast, first = people(), factories.checker()
    user = factories.person("Ann")
    credential = credential_in("in-force", user, first)
    visitor = Signed(user if role == "person" else cast[role])
    for url in ("/physicians/", f"/physicians/{credential.public_id}/"):
        page = visitor.get(url)
        assert page.status_code == 200 and "Dr Ann Asker" in page.text and "7654" not in page.text
    own = visitor.get("/me/recognition/")
    assert own.status_code == (302 if role == "anon" else 200)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_takes_back_what_another_has_asked(role: str) -> None:
    cast = people()
    asked = factories.asked(cast["person"])
    before = rows()
    answer = Signed(cast[role]).post("/me/recognition/take-back/")
    assert answer.status_code == 302
    assert (rows() != before) == (role == "person")
    asked.refresh_from_db()
    assert asked.state == ("taken-back" if role == "person" else "asked")


@pytest.mark.parametrize("role", ["anon", "member", "first", "own"])
@pytest.mark.parametrize("verb", ["get", "head", "put", "patch", "delete", "options"])
def test_no_other_verb_changes_anything(verb: str, role: str) -> None:
    cast = people()
    user, first = factories.person("Ann"), cast["first"]
    assert first is not None
    asked, credential = request_in("checked", user, first), credential_in("in-force", factories.person(), first)
    visitor, before = Signed(cast[role]), rows()
    one, two = f"/credentials/{asked.public_id}/", f"/credentials/granted/{credential.public_id}/"
    buttons = [f"{one}check/", f"{one}grant/", f"{one}decline/", f"{two}withdraw/", "/me/recognition/take-back/"]
    reading = [
        "/credentials/",
        "/credentials/in-force/",
        one,
        two,
        "/physicians/",
        f"/physicians/{credential.public_id}/",
    ]
    for url in [*buttons, *reading, "/me/recognition/"]:
        answer = getattr(visitor, verb)(url)
        assert answer.status_code in {200, 302, 403, 405}, url
        if verb in {"put", "patch", "delete"}:
            assert answer.status_code != 200, url
    assert rows() == before


def test_without_a_token_of_the_page_no_form_counts() -> None:
    asked, before = factories.asked(), rows()
    checker = Signed(factories.checker(), enforce_csrf_checks=True)
    assert checker.post(f"/credentials/{asked.public_id}/check/", {"note": NOTE}).status_code == 403
    assert rows() == before


def test_a_checker_without_a_second_factor_is_sent_to_set_one_up(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    asked, visitor = factories.asked(), Signed(factories.checker())
    for answer in (
        visitor.get("/credentials/"),
        visitor.post(f"/credentials/{asked.public_id}/check/", {"note": NOTE}),
    ):
        assert answer["Location"] == "/accounts/2fa/totp/activate/"
    assert visitor.get("/physicians/").status_code == 200
