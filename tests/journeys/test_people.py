"""A guest becomes a member: asks, confirms, joins, takes the question over, is called otherwise, chooses the mail, takes
the data away and is erased.

Everything is real: script/server with its worker and Redis, a mail server, a browser without JavaScript, as wide as a
small phone.
"""

import io
import json
import zipfile
from email.utils import getaddresses

import pytest

from tests.journeys.people import Person, traces
from tests.journeys.post import faults, links, wait_until_nothing_is_owed
from tests.journeys.test_main_journey import (
    ARTICLE,
    ASKER,
    WORDS,
    Cast,
    ask,
    cast,  # noqa: F401 - a fixture
    confirm,
    mail,  # noqa: F401 - a fixture
    publish,
    published_mail,
)
from tests.support.smtp import MailServer, Received
from tests.support.stack import Stack

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=60), pytest.mark.database_neutral]

PASSWORD = "seven calm herons wade"
NEW_NAME = "Zaunkoenig"
# The day on which somebody is erased is there sooner.
TIME_IS_UP = """
from django.utils import timezone
from accounts.models import Erasure
from forum.privacy import erase
print(Erasure.objects.update(due_at=timezone.now()), erase.erase_due())
"""


def test_a_guest_joins_takes_the_question_over_and_is_erased(stack: Stack, cast: Cast, mail: MailServer) -> None:  # noqa: F811
    person, moderator, physician, visitor = map(cast, ["", "moderator", "physician", ""])
    status_page = ask(person)
    confirm(person, mail, status_page)
    publish(moderator, "Published.")
    question = published_mail(person, mail, status_page)

    join(person, mail)
    take_over(person, status_page)
    change_name(person, visitor, question)
    choose_mail(person)
    hear_of_own_posts_alone(stack, person, (physician, moderator), question)

    export(person)
    be_erased(stack, person)
    for path in (question, ARTICLE, "/questions/"):
        visitor.go(path)
        assert WORDS in visitor.text and "A former reader" in visitor.text
        assert NEW_NAME not in visitor.text and "Wren" not in visitor.text
    person.go("/accounts/login/")
    person.type("E-mail address", ASKER)
    person.type("Password", PASSWORD)
    assert person.press("Sign in") == 200 and person.path == "/accounts/login/", "an erased account signs in"

    for somebody in (visitor, moderator):
        assert not traces(ASKER, bytes(somebody.served))
    assert not traces(ASKER, stack.log_text().encode())


# The steps


def join(person: Person, post: MailServer) -> None:
    """Join from the page that thanks for confirming, with the same address, and confirm that for the account, too."""
    [first] = post.find(lambda sent: ASKER in sent.recipients and bool(links(sent, "/confirm/")))
    person.go(links(first, "/confirm/")[0])
    assert person.follow("Make an account") == 200 and person.path == "/accounts/signup/"
    assert ASKER not in person.page.content(), "nobody has typed the address on this page"
    person.type("E-mail address", ASKER)
    person.type("Password", PASSWORD)
    person.type("Name shown on the site", "Wren")
    assert person.press("Make my account") == 200 and "Look in your mail" in person.heading
    person.go("/me/claim/")
    assert person.path == "/accounts/login/", "an address that nobody has confirmed opens an account"
    [sent] = post.wait_for(lambda sent: bool(links(sent, "/accounts/confirm-email/")))
    assert reaches(sent) == [ASKER]
    person.go(links(sent, "/accounts/confirm-email/")[0])
    person.press("Yes, this is my address")
    if person.path == "/accounts/login/":
        person.type("E-mail address", ASKER)
        person.type("Password", PASSWORD)
        person.press("Sign in")
    assert person.path == "/me/" and person.heading == "Hello, Wren"


def reaches(sent: Received) -> list[str]:
    """Return whom the mail is addressed to, and look that it went to nobody else."""
    to = [address for _name, address in getaddresses([str(sent.message["To"])])]
    assert to == sent.recipients
    return to


def take_over(person: Person, status_page: str) -> None:
    """Take the question over that was written as a guest; the page that offers it is then empty."""
    assert "You have not written anything yet" in person.text
    assert person.follow("One post was written as a guest from your address") == 200 and person.path == "/me/claim/"
    assert person.press("The ticked ones are mine") == 422 and "Tick at least one post" in person.text
    person.page.locator("input[name=chosen]").check()
    assert person.press("The ticked ones are mine") == 200 and person.path == "/me/"
    mine = person.page.locator("section", has=person.page.locator("#mine"))
    assert mine.locator(f"a[href='{status_page}']").count() == 1 and "published" in mine.inner_text()
    followed = person.page.locator("section", has=person.page.locator("#followed"))
    assert followed.get_by_role("link", name="Stop the mails").count() == 1
    person.go("/me/claim/")
    assert "There are none" in person.text


def change_name(person: Person, visitor: Person, question: str) -> None:
    """Be shown by another name, also where the question was read before; but not by a physician's."""
    assert visitor.go(ARTICLE) == 200 and "Wren" in visitor.text
    person.go("/me/")
    person.follow("Name shown on the site")
    person.type("Name shown on the site", "Dr Phil Physician")
    assert person.press("Use this name") == 422 and "A volunteer on this site goes by this name" in person.text
    person.type("Name shown on the site", NEW_NAME)
    assert person.press("Use this name") == 200 and person.heading == f"Hello, {NEW_NAME}"
    for path in (ARTICLE, question):
        visitor.go(path)
        assert NEW_NAME in visitor.text and "Wren" not in visitor.text


def choose_mail(person: Person) -> None:
    """Want no mail about replies and answers any more."""
    person.go("/me/")
    person.follow("E-mail settings")
    for unwanted in ("Replies to what I follow", "Physicians’ answers to what I follow"):
        person.page.get_by_label(unwanted).uncheck()
    assert person.press("Save my choice") == 200 and "Your choice is saved" in person.text
    assert not person.page.get_by_label("Replies to what I follow").is_checked()
    assert person.page.get_by_label("What became of my posts").is_checked()


def hear_of_own_posts_alone(stack: Stack, person: Person, others: tuple[Person, Person], question: str) -> None:
    """A reply is no mail for who wants none; what becomes of one's own reply still is, with a way to stop it."""
    physician, moderator = others
    assert stack.mail is not None
    before = len(stack.mail.sent_to(ASKER))
    assert physician.reply(question, "Ask your team about a day on trial.") == 200 and physician.path == question
    person.reply(question, "Thank you, I will ask them.")
    publish(moderator, "Published.")
    [told] = stack.mail.wait_for(
        lambda sent: ASKER in sent.recipients and "Your reply is public" in str(sent.message["Subject"])
    )
    assert not faults(told, stack.url) and "your-posts." in str(told.message["List-Id"])
    wait_until_nothing_is_owed(stack)
    # That it has arrived, and that it is public.
    assert len(stack.mail.sent_to(ASKER)) == before + 2


def export(person: Person) -> None:
    """Take everything away as one file; it knows what was written as a guest."""
    person.go("/me/")
    person.follow("Download or delete my data")
    person.press("Download my data")
    assert person.path == "/accounts/reauthenticate/", "a page left open hands everything out"
    person.type("Password", PASSWORD)
    with zipfile.ZipFile(io.BytesIO(person.download("Go on"))) as packed:
        assert set(packed.namelist()) == {"data.json", "index.html"}
        data = json.loads(packed.read("data.json"))
        assert WORDS in json.dumps(data) and ASKER in json.dumps(data)
        assert WORDS in packed.read("index.html").decode()


def be_erased(stack: Stack, person: Person) -> None:
    """Ask for it, read when it will be, see it on one's page; then the time is up."""
    assert stack.mail is not None
    person.go("/me/data/")
    person.follow("Have my data erased")
    person.page.get_by_label("They stay for other readers").check()
    person.press("Erase my data in 24 hours")
    [told] = stack.mail.wait_for(
        lambda sent: ASKER in sent.recipients and "will be erased" in str(sent.message["Subject"])
    )
    assert not faults(told, stack.url)
    person.go("/me/")
    assert "You will be erased on" in person.text and "You can still change your mind" in person.text
    assert stack.shell(TIME_IS_UP).split()[-1] == "1"
    person.go("/me/")
    assert person.path == "/accounts/login/", "the session of an erased person lives on"
    person.go(links(told, "/erasure/")[0])
    assert person.heading == "Your data is erased"
