"""A physician from end to end: asked, checked by one, granted by another, answering, lapsed. Browsers without JavaScript."""

import pytest

from tests.journeys.people import DEMO_PASSWORD, Person
from tests.journeys.post import faults, links, wait_until_nothing_is_owed
from tests.support.browser import Pages
from tests.support.smtp import MailServer
from tests.support.stack import Stack

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow, pytest.mark.database_neutral]

LICENCE = "GMC 7654 321"
NAME = "Dr Melanie Member"
ANSWER = "Please ask your own team for a trial dose first."
LATER = "One more thing: bring somebody along who listens with you."
REASK = "A public question for everybody. May I ask my team for a trial first?"
QUESTION = f"""
from tests import factories
print(factories.published({REASK!r}).get_absolute_url())
"""
LAPSE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import Credential
from forum import tasks
day = timezone.localdate() - timedelta(days=1)
of_mel = Credential.objects.filter(user__name="Mel Member")
print(of_mel.update(valid_from=day - timedelta(days=365), valid_until=day))
tasks.upkeep()
"""


def test_a_physician_is_recognised_answers_and_lapses(
    stack: Stack, page_factory: Pages, mail_server: MailServer
) -> None:
    def cast(role: str) -> Person:
        person = Person(page_factory(javascript=False, width=320), stack.url)
        if role:
            person.sign_in(f"{role}@example.org")
        return person

    question = stack.shell(QUESTION).strip().splitlines()[-1]
    member, editor, colleague, visitor = map(cast, ["member", "editor", "moderator2", ""])
    ask(member)
    check(editor, mail_server)
    grant(colleague, mail_server)

    [granted] = mail_server.wait_for(lambda sent: "There is an answer" in str(sent.message["Subject"]))
    assert granted.recipients == ["member@example.org"] and not faults(granted, stack.url)
    member.go(links(granted, "/me/recognition/")[0])
    assert "You are a verified volunteer physician until" in member.text and LICENCE not in member.text

    assert member.reply(question, ANSWER) == 200 and member.path == question
    the_page_says_who_it_is(visitor, question)
    member.go(question)
    member.type("Your reply", LATER)

    # A year later, in the database; the tab stands open.
    assert stack.shell(LAPSE).strip().endswith("1")
    assert member.press("Send your reply") == 409 and "no longer in force" in member.text
    assert member.page.get_by_label("Your reply").input_value() == LATER
    visitor.go(question)
    assert LATER not in visitor.text
    [ended] = mail_server.wait_for(lambda sent: "has ended" in str(sent.message["Subject"]))
    assert ended.recipients == ["member@example.org"] and not faults(ended, stack.url)
    assert member.press("Send your reply") == 200 and "is with our moderators" in member.heading

    colleague.go("/moderation/")
    assert colleague.press("Publish") == 200
    old_answers_keep_their_badge(visitor, question)
    wait_until_nothing_is_owed(stack)
    for person in (visitor, member, colleague):
        person.fetch("/moderation/log/")
    assert LICENCE.encode() not in bytes(visitor.served) and LICENCE not in stack.log_text()
    assert not [sent for sent in mail_server.find() if LICENCE in sent.text + sent.html]


def ask(member: Person) -> None:
    """Ask to be recognised: at first without the conflicts of interest."""
    member.go("/me/recognition/")
    for label, words in {
        "Full name": NAME,
        "Licence number": LICENCE,
        "Country, state or region": "Scotland",
        "Web address of your entry": "https://register.example.org/mel",
        "Specialty": "Neurology",
    }.items():
        member.type(label, words)
    assert member.press("Send it to the checkers") == 422 and "tick the box" in member.text
    member.page.get_by_label("I have no conflicts of interest").check()
    assert member.press("Send it to the checkers") == 200
    assert "It waits to be checked" in member.text and LICENCE in member.text


def check(editor: Person, mail: MailServer) -> None:
    """Follow the mail, and check; the password is asked for once more."""
    told = mail.wait_for(lambda sent: "waits for you to check" in str(sent.message["Subject"]), 2)
    assert {sent.recipients[0] for sent in told} == {"editor@example.org", "moderator2@example.org"}
    assert not [sent for sent in told if NAME in sent.text]
    editor.go(links(told[0], "/credentials/")[0])
    editor.follow(NAME)
    assert LICENCE in editor.text
    editor.type("What you looked up", "In the register, valid until 2028.")
    with_password(editor, "It is in order: checked")
    assert "so somebody else grants it" in editor.text and "Grant it" not in editor.text


def grant(colleague: Person, mail: MailServer) -> None:
    """The other one hears of it, and grants."""
    mail.wait_for(lambda sent: "1 is checked" in sent.text and sent.recipients == ["moderator2@example.org"])
    colleague.go("/credentials/")
    colleague.follow(NAME)
    assert "Erin Editor checked it" in colleague.text and "valid until 2028" in colleague.text
    with_password(colleague, "Grant it")
    assert "Granted for twelve months" in colleague.text


def with_password(person: Person, button: str) -> None:
    """Press the button; when the site asks for the password first, type it."""
    person.press(button)
    if person.path.startswith("/accounts/reauthenticate/"):
        person.type("Password", DEMO_PASSWORD)
        person.press("Go on")


def the_page_says_who_it_is(visitor: Person, question: str) -> None:
    """Go from the answer's badge to the public page and back to the answer."""
    visitor.go(question)
    assert ANSWER in visitor.text and "Volunteer physician, Neurology" in visitor.text
    visitor.follow("Volunteer physician, Neurology")
    assert visitor.heading == NAME and "None declared." in visitor.text and "Scotland" in visitor.text
    visitor.follow("A public question for everybody")
    assert visitor.path == question
    visitor.follow("Our volunteer physicians")
    assert NAME in visitor.text


def old_answers_keep_their_badge(visitor: Person, question: str) -> None:
    """The answer keeps its badge and says what it was; the new reply is an ordinary member's; the page says so."""
    visitor.go(question)
    replies = visitor.page.locator("article.post", has=visitor.page.locator("h4")).all_inner_texts()
    assert len(replies) == 2 and ANSWER in replies[0] and NAME in replies[0]
    assert "Volunteer physician" in replies[0] and "Was a verified physician when this was written" in replies[0]
    assert LATER in replies[1] and "Mel Member" in replies[1] and "hysician" not in replies[1]
    visitor.follow("Volunteer physician, Neurology")
    assert visitor.heading == NAME and "Was a verified physician here until" in visitor.text
    visitor.go("/physicians/")
    assert NAME not in visitor.text
