"""What guesses is stopped by a plain page that loses nothing typed; and answers that tell nothing leave on a grid of time."""

import time
from typing import Any

import pytest

from accounts.auth.middleware import until_next
from tests import factories
from tests.support.visitors import Visitor, hidden, ordinary_site, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

LIMITED: dict[str, tuple[int, dict[str, str]]] = {
    "/accounts/login/": (30, {"login": "{n}@people.test", "password": ""}),
    "/accounts/signup/": (20, {"email": "", "name": "Kim {n}"}),
    "/accounts/password/reset/": (20, {"email": "{n}@people.test"}),
    "/accounts/2fa/webauthn/login/": (10, {"credential": "{{}}"}),
}


@pytest.mark.parametrize("path", LIMITED)
def test_too_many_from_one_network_get_a_plain_page_that_keeps_what_was_typed(path: str) -> None:
    allowed, form = LIMITED[path]
    answers = []
    for number in range(allowed + 1):
        visitor = Visitor(REMOTE_ADDR=f"203.0.113.{number + 1}")
        answers.append(visitor.post(path, {name: value.format(n=number) for name, value in form.items()}))
    assert 429 not in [answer.status_code for answer in answers[:-1]]
    assert answers[-1].status_code == 429 and "Please wait a little" in answers[-1].text
    for name, value in form.items():
        if name in {"password", "credential"}:
            assert f'name="{name}"' not in answers[-1].text
        else:
            assert hidden(answers[-1], name) == value.format(n=allowed)


def test_too_many_sign_in_codes_are_refused_in_the_form_which_keeps_the_address() -> None:
    for number in range(21):
        answer = Visitor().post("/accounts/login/code/", {"email": f"{number}@people.test"})
    assert answer.status_code != 302 and "Too many" in answer.text
    assert typed(answer, "email") == "20@people.test"


def test_asking_for_the_password_again_is_limited_too() -> None:
    visitor = Visitor(factories.person())
    statuses = [visitor.post("/accounts/reauthenticate/", {"password": "wrong"}).status_code for _ in range(12)]
    assert statuses[0] == 200 and statuses[-1] == 429


@pytest.mark.parametrize(("spent", "step", "left"), [(0.03, 0.25, 0.22), (0.26, 0.25, 0.24), (0.3, 0.0, 0.0)])
def test_the_grid(spent: float, step: float, left: float) -> None:
    assert until_next(spent, step) == pytest.approx(left)


def test_such_an_answer_waits_and_a_refusal_does_not(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    settings.STEADY_MILLISECONDS = 250
    visitor = Visitor()
    visitor.post("/accounts/password/reset/", {"email": "nobody@people.test"})
    assert len(waited) == 1 and 0 < waited[0] <= 0.275
    visitor.get("/accounts/password/reset/")
    assert len(waited) == 1
