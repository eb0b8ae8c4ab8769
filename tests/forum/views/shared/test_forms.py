"""Before a text is sent that tells who somebody is, its author is told so: once, in plain words, and nothing is lost."""

from typing import Any

import pytest

from forum.models import Post
from tests import factories
from tests.support.visitors import Visitor, counts, hidden, ordinary_site, question_form, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

PERSONAL = {
    "a telephone number": "Please ring me on +44 20 7946 0958 about the pump.",
    "an e-mail address": "Please write to wren at example dot com about the pump.",
    "a date of birth": "I was born on 4 May 1961 and have a pump. Is that too old?",
}


def send(form: dict[str, str], path: str = "/questions/ask/", visitor: Visitor | None = None) -> Any:
    """Send a form."""
    return (visitor or Visitor()).post(path, form)


@pytest.mark.parametrize("text", PERSONAL.values(), ids=PERSONAL)
def test_the_author_is_told_and_nothing_is_sent_or_lost(text: str) -> None:
    before = counts()
    form = question_form(text=text)
    page = send(form)
    assert page.status_code == 200 and counts() == before
    assert "your text contains personal details" in page.text and "Nothing is sent yet" in page.text
    assert typed(page, "text") == text and typed(page, "name") == form["name"]
    assert "Send it as it is now" in page.text and "There is a problem" not in page.text


@pytest.mark.parametrize("changed", [False, True], ids=["sent anyway", "changed"])
def test_they_are_told_once(changed: bool) -> None:
    text = PERSONAL["a telephone number"]
    form = question_form(text=text)
    told = hidden(send(form), "told")
    text = text.replace("0958", "0959") if changed else text
    answer = send({**form, "told": told, "text": text})
    assert answer.status_code == 302 and Post.objects.get().source == text


def test_what_gives_nothing_away_goes_straight_through() -> None:
    text = "I am a 60 year old man and take 20 mg three times a day. Is a pump better?"
    assert send(question_form(text=text)).status_code == 302


def test_a_mistake_in_another_field_comes_first_and_the_telling_is_not_forgotten() -> None:
    form = question_form(text=PERSONAL["a telephone number"], email="nobody")
    page = send(form)
    assert page.status_code == 422 and "personal details" not in page.text
    page = send(
        {**form, "email": "wren@guests.test", "told": hidden(page, "told") if 'name="told" value' in page.text else ""}
    )
    assert page.status_code == 200 and "personal details" in page.text


def test_members_who_reply_are_told_too() -> None:
    question, member = factories.published(), factories.person()
    visitor = Visitor(member)
    path = f"/questions/{question.public_id}/reply/"
    page = send(question_form(text=PERSONAL["a telephone number"]), path, visitor)
    assert page.status_code == 200 and "personal details" in page.text
    form = question_form(text=PERSONAL["a telephone number"], told=hidden(page, "told"))
    assert send(form, path, visitor).status_code == 302


def test_the_answer_repeats_no_address_outside_what_was_typed() -> None:
    page = send(question_form(text="Please write to geheim7f3a@guests.test about the pump."))
    assert page.text.count("geheim7f3a") == 1
