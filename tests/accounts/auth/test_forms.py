"""allauth's pages speak as the rest of the site does."""

import pytest

from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.database_neutral, pytest.mark.usefixtures("ordinary_site")]

NOT_OURS = (
    "This field is required",
    "Enter a valid email",
    "Email</label>",
    "Incorrect code",
    "and/or",
    "New Password",
)
PAGES = ["login/", "signup/", "password/reset/", "login/code/"]
OWN_PAGES = ["email/", "password/change/"]


@pytest.mark.parametrize("page", [*PAGES, *OWN_PAGES])
@pytest.mark.parametrize("typed", ["", "x"])
def test_labels_and_errors_are_in_our_words(page: str, typed: str) -> None:
    visitor = Visitor(factories.person() if page in OWN_PAGES else None)
    names = ("login", "email", "password", "oldpassword", "password1", "password2")
    answer = visitor.post(f"/accounts/{page}", dict.fromkeys(names, typed) | {"action_add": ""})
    assert "There is a problem" in answer.text
    assert [words for words in NOT_OURS if words in answer.text] == []
