"""A physician works at the desk, without JavaScript and with it: as people live it.

Everything is real: script/server with its worker and Redis, a browser as wide as a small phone.
"""

import pytest

from tests.journeys.people import Person
from tests.support.browser import Pages
from tests.support.stack import Stack

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=60), pytest.mark.database_neutral]

TITLE = "May the pump be filled a day later?"
ASKED = f"""
from allauth.account.models import EmailAddress
from tests import factories
member = EmailAddress.objects.get(email="member@example.org").user
print(factories.published({TITLE!r}, user=member).get_absolute_url())
"""
BEGUN = "Ask the team that fills it."
SNIPPET = "This is no diagnosis."


def test_a_question_goes_over_the_desk_and_comes_back(stack: Stack, page_factory: Pages) -> None:
    question = stack.shell(ASKED).strip().splitlines()[-1]
    physician, asker, moderator = (
        signed_in(stack, page_factory, role) for role in ("physician", "member", "moderator")
    )
    physician.go("/desk/snippets/")
    physician.type("Name", "No diagnosis")
    physician.page.get_by_label("Text", exact=False).fill(SNIPPET)
    assert physician.press("Save the snippet") == 200 and "The snippet is saved" in physician.text

    physician.go("/desk/")
    physician.follow(TITLE)
    assert physician.press("I’m answering this") == 200 and "You are answering this" in physician.text
    physician.page.get_by_role("textbox", name="Your answer").fill(BEGUN)
    assert physician.press("Save draft") == 200 and "Your draft is saved" in physician.text

    physician.go("/desk/?show=mine")
    assert "You have begun an answer" in physician.text
    physician.follow(TITLE)
    assert physician.press("No diagnosis") == 200
    whole = physician.page.get_by_role("textbox", name="Your answer").input_value()
    assert BEGUN in whole and SNIPPET in whole
    assert physician.press("Send answer") == 200 and physician.path == question
    assert BEGUN in physician.text and SNIPPET in physician.text
    stands(physician, "answered")

    assert asker.reply(question, "And two days later?") == 200
    moderator.go("/moderation/")
    assert moderator.press("Publish") == 200
    stands(physician, "follow-up")

    asker.go(question)
    assert asker.press("My question is answered") == 200
    stands(physician, "done")


def test_the_script_saves_what_is_typed_and_loses_nothing(stack: Stack, page_factory: Pages) -> None:
    stack.shell(ASKED)
    physician = signed_in(stack, page_factory, "physician", javascript=True)
    page, problems = physician.page, []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    physician.go("/desk/")
    physician.follow(TITLE)
    field = page.get_by_role("textbox", name="Your answer")
    field.fill(BEGUN)
    page.get_by_text("Draft saved at").wait_for()
    page.reload()
    assert field.input_value() == BEGUN and not problems, problems

    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    field.fill(f"{BEGUN} And soon.")
    page.get_by_text("could not be saved just now").wait_for()
    assert field.input_value() == f"{BEGUN} And soon."
    assert not [words for words in problems if "Content Security Policy" in words]
    page.context.add_cookies(cookies)  # type: ignore[arg-type] # a dict will do
    # Not by press(): what the script was answered is gone with the page.
    with page.expect_navigation():
        page.get_by_role("button", name="Save draft").click()
    page.get_by_text("Your draft is saved").wait_for()
    assert field.input_value() == f"{BEGUN} And soon."


def signed_in(stack: Stack, page_factory: Pages, role: str, *, javascript: bool = False) -> Person:
    """Return one of the demo people at their browser."""
    person = Person(page_factory(javascript=javascript, width=320), stack.url)
    person.sign_in(f"{role}@example.org")
    return person


def stands(physician: Person, wanted: str) -> None:
    """Look for the question on the lists of the desk: it stands on that one, and waits nowhere else."""
    for shown in {"waiting", "follow-up", "done", wanted}:
        physician.go(f"/desk/?show={shown}")
        assert (TITLE in physician.text) == (shown == wanted), f"{shown}: {physician.text}"
