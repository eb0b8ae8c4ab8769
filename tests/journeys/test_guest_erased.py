"""A guest who never joins: takes everything away by a mailed link, has it erased, changes their mind, and is erased.

Everything is real: script/server with its worker and Redis, a mail server, a browser without JavaScript, as wide as a
small phone.
"""

import io
import json
import zipfile

import pytest

from tests.journeys.people import Person, traces
from tests.journeys.post import faults, links
from tests.journeys.test_main_journey import (
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
from tests.journeys.test_people import TIME_IS_UP
from tests.support.smtp import MailServer
from tests.support.stack import Stack

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=40), pytest.mark.database_neutral]

FIND = """
from accounts.models import Contact, Erasure
print(Contact.objects.exclude(address="").filter(user=None).count(), Erasure.objects.exclude(address_key="").count())
"""


def test_a_guest_takes_everything_away_changes_their_mind_and_is_erased(
    stack: Stack,
    cast: Cast,  # noqa: F811
    mail: MailServer,  # noqa: F811
) -> None:
    person, moderator, visitor = map(cast, ["", "moderator", ""])
    status_page = ask(person)
    confirm(person, mail, status_page)
    publish(moderator, "Published.")
    question = published_mail(person, mail, status_page)

    own_page = ask_for_link(stack, person, mail)
    assert WORDS in export(person) and "published" in person.text
    ask_to_be_erased(person, "They stay for other readers")
    [told] = mail.wait_for(lambda sent: ASKER in sent.recipients and "will be erased" in str(sent.message["Subject"]))
    assert not faults(told, stack.url)
    take_back = links(told, "/erasure/")[0]
    person.go(take_back)
    assert person.press("Take it back: erase nothing") == 200 and person.heading == "Nothing will be erased"
    assert stack.shell(TIME_IS_UP).split()[-1] == "0", "what was taken back is carried out"
    visitor.go(question)
    assert "Wren" in visitor.text and WORDS in visitor.text

    person.go(own_page)
    ask_to_be_erased(person, "They stay for other readers")
    assert stack.shell(TIME_IS_UP).split()[-1] == "1"
    visitor.go(question)
    assert WORDS in visitor.text and "A former reader" in visitor.text and "Wren" not in visitor.text
    second = mail.wait_for(
        lambda sent: ASKER in sent.recipients and "will be erased" in str(sent.message["Subject"]), 2
    )[-1]
    person.go(links(second, "/erasure/")[0])
    assert person.heading == "Your data is erased"
    assert person.go(own_page) == 404, "the mailed link still opens something"
    assert stack.shell(FIND).split()[-2:] == ["0", "0"]
    assert not traces(ASKER, bytes(visitor.served)) and not traces(ASKER, stack.log_text().encode())


def ask_for_link(stack: Stack, person: Person, post: MailServer) -> str:
    """Type the address, and another that nobody knows: the same page, and a mail to the first alone; return its link."""
    pages = []
    for address in ("nobody.at-all@guests.example", ASKER):
        person.go("/your-data/")
        person.type("Your e-mail address", address)
        assert person.press("Mail me the link") == 200
        pages.append(person.page.locator("main").inner_text())
    assert pages[0] == pages[1], "the page tells whether the address is known"
    [sent] = post.wait_for(lambda sent: bool(links(sent, "/your-data/")))
    assert sent.recipients == [ASKER] and not faults(sent, stack.url)
    link = links(sent, "/your-data/")[0]
    person.go(link)
    assert person.heading == "What was written from your address" and ASKER not in person.page.content()
    return link


def export(person: Person) -> str:
    """Take everything away as one file; return it as JSON."""
    with zipfile.ZipFile(io.BytesIO(person.download("Download my data"))) as packed:
        assert set(packed.namelist()) == {"data.json", "index.html"}
        assert WORDS in packed.read("index.html").decode()
        data = json.dumps(json.loads(packed.read("data.json")))
        assert ASKER in data
        return data


def ask_to_be_erased(person: Person, choice: str) -> None:
    """Press nothing yet: choose first; then ask for it."""
    person.follow("Have my data erased")
    assert person.press("Erase my data in 24 hours") == 422, "erased without a choice about the posts"
    person.page.get_by_label(choice).check()
    assert person.press("Erase my data in 24 hours") == 200 and person.heading == "Your data will be erased"
