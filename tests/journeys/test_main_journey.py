"""The main job from end to end, as people live it: asked, approved, answered, mailed; or sent back and asked again.

Everything is real: script/server with its worker and Redis, a mail server, a browser without JavaScript, as wide as a
small phone.
"""

import re
from collections.abc import Callable

import pytest

from forum.management.commands.seed_question import TEXT as QUESTION
from tests.journeys.people import Person, request, traces
from tests.journeys.post import faults, links, list_faults, wait_until_nothing_is_owed
from tests.support.browser import Pages
from tests.support.smtp import MailServer, Received
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=60)]

ARTICLE = "/articles/intrathecal-vs-oral-baclofen/"
ASKER = "wren.tollkirsche-7c19@guests.example"
WORDS = "60 year old male"
PUBLIC_LISTS = ["/", "/articles/", ARTICLE, "/questions/", "/feeds/questions/", "/sitemap.xml"]
ANSWER = "Many people try a test dose first. Please ask the team that looks after your spasms about one."
MODERATORS = ["moderator@example.org", "moderator2@example.org"]
NEWS = re.compile("There is an? (reply|answer)")
Cast = Callable[[str], Person]


@pytest.fixture
def cast(stack: Stack, page_factory: Pages) -> Cast:
    """Make people: cast("") is a visitor, cast("member") the signed-in demo member."""

    def make(role: str) -> Person:
        person = Person(page_factory(javascript=False, width=320), stack.url)
        if role:
            person.sign_in(f"{role}@example.org")
        return person

    return make


@pytest.fixture
def mail(stack: Stack) -> MailServer:
    """The mail server that the site's worker hands its mail to."""
    assert stack.mail is not None
    return stack.mail


def test_a_question_is_asked_approved_answered_and_mailed(stack: Stack, cast: Cast, mail: MailServer) -> None:
    asker, moderator, physician, member, visitor = map(cast, ["", "moderator", "physician", "member", ""])

    status_page = ask(asker)
    confirm(asker, mail, status_page)
    queue_card = find_in_queue(moderator, mail)
    question_id = nobody_else_sees_it(queue_card, [visitor, member, physician])
    publish(moderator, "Published.")

    question = published_mail(asker, mail, status_page)
    for person in (visitor, member, physician):
        assert person.go(ARTICLE) == 200 and WORDS in person.text
        assert question_id in person.fetch("/feeds/questions/")[1] and question_id in person.fetch("/sitemap.xml")[1]

    # A reader's reply waits like any post; the physician's is public at once, and stands first though it is younger.
    assert member.reply(question, "I have the pump and would have it again.") == 200
    assert "is with our moderators" in member.heading
    assert visitor.go(question) == 200 and "would have it again" not in visitor.text
    publish(moderator, "Published.")
    assert physician.reply(question, ANSWER) == 200
    assert physician.path == question and ANSWER in physician.text
    the_answer_stands_first(visitor, question)

    replies = mail.wait_for(lambda sent: ASKER in sent.recipients and bool(NEWS.match(str(sent.message["Subject"]))), 2)
    assert not [problem for sent in replies for problem in list_faults(sent)]
    assert any(ANSWER in sent.text for sent in replies)
    unsubscribe(asker, replies[-1])

    # The next reply is no news for the asker any more, while its author still hears that it is public.
    before = len(mail.sent_to(ASKER))
    member.reply(question, "One more thing: the refills take me half a day each time.")
    publish(moderator, "Published.")
    mail.wait_for(
        lambda sent: "member@example.org" in sent.recipients and "public now" in str(sent.message["Subject"]), 2
    )
    wait_until_nothing_is_owed(stack)
    assert len(mail.sent_to(ASKER)) == before

    every_mail_is_well_made(stack, mail)
    assert len(mail.find(lambda sent: "waiting for a moderator" in str(sent.message["Subject"]))) == len(MODERATORS)
    for person in (moderator, physician, member, visitor):
        for path in [*PUBLIC_LISTS, question, f"/posts/{question_id}/", "/me/", "/moderation/", "/moderation/log/"]:
            person.fetch(path)
        assert len(person.served) > 100_000, "the record of what was served is missing"
        assert not traces(ASKER, bytes(person.served))
    for path in (status_page, *PUBLIC_LISTS):
        assert not traces(ASKER, asker.fetch(path)[1].encode())
    log = stack.log_text().encode()
    assert b'"route"' in log or b"route" in log, "the log is missing"
    assert not traces(ASKER, log) and WORDS.encode() not in log


@pytest.mark.database_neutral
def test_a_question_is_sent_back_changed_and_published(stack: Stack, cast: Cast, mail: MailServer) -> None:
    asker, moderator, member = map(cast, ["", "moderator", "member"])
    status_page = ask(asker)
    confirm(asker, mail, status_page)

    moderator.go("/moderation/")
    moderator.press("Open")
    assert moderator.press("Send back") == 422, "a question was sent back without a reason"
    assert "Write a reason" in moderator.text
    moderator.type("Reason for the author", "Please leave out your age.")
    assert moderator.press("Send back") == 200 and "Sent back to the author" in moderator.text
    assert "Nothing waits" in moderator.text

    [returned] = mail.wait_for(lambda sent: "look at your question again" in str(sent.message["Subject"]))
    assert returned.recipients == [ASKER] and "Please leave out your age." in returned.text
    asker.go(links(returned, "/p/")[0])
    assert asker.path == status_page and "Please leave out your age." in asker.text
    asker.follow("Change it")
    changed = QUESTION.replace("I am a 60 year old male and ", "")
    asker.type("Your text", changed)
    assert asker.press("Save the change") == 200 and "A moderator will read it" in asker.text

    moderator.go("/moderation/")
    earlier = moderator.page.locator("details", has_text="What the author changed last")
    assert (
        WORDS in str(earlier.text_content()) and WORDS not in moderator.page.locator(".queue-text").first.inner_text()
    )
    publish(moderator, "Published.")
    question = published_mail(asker, mail, status_page)
    member.go(question)
    assert WORDS not in member.text and "better to have a pump" in member.text

    # A mail program presses the button by itself: no cookie, no token of ours, the body that RFC 8058 prescribes.
    member.reply(question, "Ask for a second opinion, it helped me.")
    publish(moderator, "Published.")
    [told] = mail.wait_for(lambda sent: "There is a reply" in str(sent.message["Subject"]))
    one_click = str(told.message["List-Unsubscribe"]).strip(" <>")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert request(one_click, "GET")[0] == 200 and request(one_click, "HEAD")[0] == 200
    asker.go(one_click)
    assert asker.heading == "Stop these mails?", "a GET has ended the subscription"
    status, head, body = request(one_click, "POST", form, "List-Unsubscribe=One-Click")
    assert status == 200 and b"The mails have stopped" in body and b"set-cookie" not in head.lower()
    before = len(mail.sent_to(ASKER))
    member.reply(question, "And bring somebody along who listens with you.")
    publish(moderator, "Published.")
    mail.wait_for(
        lambda sent: "member@example.org" in sent.recipients and "public now" in str(sent.message["Subject"]), 2
    )
    wait_until_nothing_is_owed(stack)
    assert len(mail.sent_to(ASKER)) == before
    every_mail_is_well_made(stack, mail)


# The steps


def ask(asker: Person) -> str:
    """Ask the seed's question under the article as a guest; return the path of the private status page."""
    assert asker.go(ARTICLE) == 200
    assert "Your e-mail address will not be published" in asker.page.locator("#ask").inner_text()
    asker.type("Your name", "Wren")
    asker.type("Your e-mail address", ASKER)
    asker.type("Your question", QUESTION)
    assert asker.press("Send your question") == 200
    assert asker.heading.startswith("Thank you") and "That usually takes one to two days" in asker.text
    assert re.fullmatch(r"/p/[\w-]{20,}/", asker.path) and ASKER not in asker.page.content()
    return asker.path


def confirm(asker: Person, mail: MailServer, status_page: str) -> None:
    """Open the link of the first mail and press its button; opening alone, as mail scanners do, confirms nothing."""
    [sent] = mail.wait_for(lambda sent: ASKER in sent.recipients)
    [link] = links(sent, "/confirm/")
    assert request(link, "GET")[0] == 200 and request(link, "HEAD")[0] == 200
    asker.go(link)
    assert asker.heading == "Is this your e-mail address?"
    asker.go(status_page)
    assert "Open it and press the button" in asker.text, "a GET has confirmed the address"
    asker.go(link)
    assert asker.press("Yes, this is my address") == 200 and "your address is confirmed" in asker.heading
    asker.follow("See the status of your question")
    assert asker.path == status_page and "We will mail you as soon as it is decided" in asker.text


def find_in_queue(moderator: Person, mail: MailServer) -> str:
    """See that each moderator had one mail with a count and a link and no held text; return the path of the post."""
    told = mail.wait_for(lambda sent: "waiting for a moderator" in str(sent.message["Subject"]), len(MODERATORS))
    assert sorted(address for sent in told for address in sent.recipients) == sorted(MODERATORS)
    for sent in told:
        assert "1 post is waiting" in sent.text and "pump" not in sent.text + sent.html and not list_faults(sent)
    moderator.go(next(link for link in links(told[0], "/moderation/") if link.endswith("/moderation/")))
    card = moderator.page.locator(".queue-card")
    assert card.count() == 1 and WORDS in card.inner_text() and "by Wren" in card.inner_text()
    assert "Written by a guest" in card.inner_text() and "This site reads every post" in card.inner_text()
    assert "Address confirmed" in card.inner_text() and "has not confirmed" not in card.inner_text()
    return str(card.locator("form.open").get_attribute("action")).removesuffix("claim/")


def nobody_else_sees_it(queue_card: str, people: list[Person]) -> str:
    """See that the waiting question is nowhere, and answers as one that never was; return its public id."""
    question_id = queue_card.strip("/").split("/")[1]
    for person in people:
        for path in PUBLIC_LISTS:
            status, body = person.fetch(path)
            assert status == 200 and WORDS not in body and question_id not in body, f"it shows in {path}"
        for path in (f"/questions/{question_id}/", f"/posts/{question_id}/", f"/questions/{question_id}/reply/"):
            held, unknown = person.fetch(path)[0], person.fetch(path.replace(question_id, "nosuchpost"))[0]
            assert held == unknown == 404, f"{path} answers {held}"
        assert person.fetch(queue_card)[0] in {302, 403}
    return question_id


def publish(moderator: Person, said: str) -> None:
    """Publish the one post that waits."""
    moderator.go("/moderation/")
    assert moderator.page.locator(".queue-card").count() == 1
    assert moderator.press("Publish") == 200 and said in moderator.text


def published_mail(asker: Person, mail: MailServer, status_page: str) -> str:
    """Follow the mail that says the question is public; return the path of its page."""
    [sent] = mail.wait_for(lambda sent: ASKER in sent.recipients and "is public now" in str(sent.message["Subject"]))
    assert not list_faults(sent)
    asker.go(status_page)
    assert asker.heading == "Your question is published"
    asker.go(links(sent, "/posts/")[0])
    assert asker.status == 200 and asker.path.startswith("/questions/") and "better to have a pump" in asker.text
    return asker.path


def the_answer_stands_first(visitor: Person, question: str) -> None:
    """See the physician's badge and place, above an older reply, on the question's page and under the article."""
    for path in (question, ARTICLE):
        visitor.go(path)
        replies = visitor.page.locator("article.post", has=visitor.page.locator("h4")).all_inner_texts()
        assert len(replies) == 2
        assert "Dr Phil Physician" in replies[0] and ANSWER in replies[0]
        assert "Volunteer physician, Neurology" in replies[0] and "Volunteer physician" not in replies[1]


def unsubscribe(asker: Person, reply: Received) -> None:
    """Follow the link in the reply mail and press the button."""
    [link] = links(reply, "/unsubscribe/")
    asker.go(link)
    assert asker.heading == "Stop these mails?"
    assert asker.press("Stop these mails") == 200 and asker.heading == "The mails have stopped"


def every_mail_is_well_made(stack: Stack, mail: MailServer) -> None:
    """See that all mails are as DESIGN 8 says, and that those about the question make one thread."""
    sent = mail.find()
    assert not [problem for one in sent for problem in faults(one, stack.url)]
    assert len({str(one.message["Message-ID"]) for one in sent}) == len(sent)
    others = [one for one in sent if ASKER not in one.recipients]
    assert not [one.message["Subject"] for one in others if traces(ASKER, one.raw + (one.text + one.html).encode())]
    about = [one for one in sent if "waiting for a moderator" not in str(one.message["Subject"])]
    roots = {(str(one.message["In-Reply-To"]), str(one.message["References"])) for one in about}
    assert len(roots) == 1 and len(set(roots.pop())) == 1, "the mails about one question do not make one thread"
