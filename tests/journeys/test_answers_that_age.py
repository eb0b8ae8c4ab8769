"""An answer is corrected, read again and found helpful, and its question is answered: as people live it.

Everything is real: script/server with its worker and Redis, a mail server, a browser without JavaScript, as wide as a
small phone.
"""

import pytest

from tests.journeys.post import faults, links, list_faults
from tests.journeys.test_main_journey import (
    ANSWER,
    ARTICLE,
    ASKER,
    Cast,
    ask,
    cast,  # noqa: F401 - a fixture
    confirm,
    mail,  # noqa: F401 - a fixture
    publish,
    published_mail,
)
from tests.support.smtp import MailServer
from tests.support.stack import Stack

# What each step stores is tried on PostgreSQL beside the code.
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow, pytest.mark.database_neutral]

CORRECTED = ANSWER.replace("a test dose first", "a test dose in hospital first")


def test_an_answer_is_corrected_read_again_and_found_helpful(stack: Stack, cast: Cast, mail: MailServer) -> None:  # noqa: F811
    asker, moderator, physician, visitor = map(cast, ["", "moderator", "physician", ""])
    status_page = ask(asker)
    confirm(asker, mail, status_page)
    publish(moderator, "Published.")
    question = published_mail(asker, mail, status_page)
    assert physician.reply(question, ANSWER) == 200
    mail.wait_for(lambda sent: ASKER in sent.recipients and "There is an answer" in str(sent.message["Subject"]))

    physician.follow("Correct it")
    assert "public at once" in physician.text
    physician.type("Your text", CORRECTED)
    assert physician.press("Save the change") == 200 and "Your correction is public now" in physician.text
    assert CORRECTED in physician.text and "Corrected on" in physician.text

    [told] = mail.wait_for(
        lambda sent: ASKER in sent.recipients and "An answer was changed" in str(sent.message["Subject"])
    )
    assert not [*faults(told, stack.url), *list_faults(told)] and CORRECTED in told.text
    asker.go(links(told, "/history/")[0])
    assert asker.heading.startswith("What changed in the answer by Dr Phil Physician")
    assert asker.page.locator("ins").all_inner_texts() == [" in hospital"]

    visitor.go(question)
    visitor.follow("see what changed")
    visitor.follow("Back to the answer")
    assert visitor.press("This helped") == 200 and visitor.path == question
    assert "1 reader found this helpful" in visitor.text and "Thank you for telling us" in visitor.text
    assert visitor.press("Take it back") == 200 and "found this helpful" not in visitor.text
    assert visitor.press("This helped") == 200

    asker.go(status_page)
    assert asker.press("My question is answered") == 200 and asker.path == question
    for path in (question, ARTICLE, "/questions/"):
        visitor.go(path)
        assert "The asker says: this is answered." in visitor.text and "1 reader found this helpful" in visitor.text

    # The asker changes what is public: told first, then hidden until a moderator has read it.
    asker.go(status_page)
    asker.follow("Change it")
    asker.type("Your text", "Would it be better to have a pump, at my age?")
    assert asker.press("Save the change") == 200 and "a moderator reads this first" in asker.text
    assert visitor.go(question) == 200
    assert asker.press("Send it, and hide my question until then") == 200 and asker.path == status_page
    assert visitor.go(question) == 404
    publish(moderator, "Published.")
    asker.go(status_page)
    asker.follow("See it on the site")
    assert "at my age?" in asker.text and CORRECTED in asker.text and "Changed on" in asker.text
