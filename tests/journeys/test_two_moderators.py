"""Two moderators at two browsers decide on the same card at the same moment, fifty times; and a decision is undone.

Everything is real: script/server with its worker, a mail server, two Chromium contexts, on the database of the run.
"""

import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response

from tests.browser.moderators import sign_in
from tests.journeys.at_once import press_together
from tests.journeys.post import wait_until_nothing_is_owed
from tests.support.browser import Pages
from tests.support.smtp import MailServer, Received
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=80)]

TIMES = 50
FILL = """
import json, secrets
from tests import factories
found = {}
for number in range(%d):
    post = factories.pending(f"Who decides on number {number}?", form_key=secrets.token_hex(8), address=f"asker-{number}@guests.test")
    factories.confirmed(post)
    found[post.public_id] = f"asker-{number}@guests.test"
print(json.dumps(found))
"""
RESULT = """
import json
from forum.models import LogEntry, Post
from forum.states import DECISIONS
found = {}
for post in Post.objects.filter(public_id__in=%r):
    found[post.public_id] = [[e.move, e.actor.name] for e in LogEntry.objects.filter(post=post, move__in=DECISIONS)]
print(json.dumps(found))
"""


@pytest.fixture
def mail(mail_server: MailServer) -> MailServer:
    """The mail server that the site's worker hands its mail to."""
    return mail_server


@pytest.fixture
def two(mail: MailServer, stack_factory: Callable[..., Stack], page_factory: Pages) -> tuple[Stack, list[Page]]:
    """A site whose decisions are final at once, and two moderators who are signed in."""
    stack = stack_factory(mail=mail, env={"UNDO_SECONDS": "0", "WEB_WORKERS": "2"})
    pages = [page_factory(javascript=True, width=1280) for _ in range(2)]
    for page, who in zip(pages, ("moderator", "moderator2"), strict=True):
        # Scripts and style of the site are kept away: what is tested is the form itself, sent twice at once.
        page.route("**/static/**", lambda route: route.abort())
        sign_in(page, stack.url, who)
    return stack, pages


def test_two_decide_at_once_and_one_decision_counts(two: tuple[Stack, list[Page]], mail: MailServer) -> None:
    stack, pages = two
    posts: dict[str, str] = json.loads(stack.shell(FILL % TIMES).splitlines()[-1])
    names = {page: name_of(page, stack) for page in pages}
    won: Counter[str] = Counter()
    for number, public_id in enumerate(posts):
        # The same decision by both, or two that contradict each other.
        moves = ("publish", "publish") if number % 2 else ("publish", "reject")
        for page in pages:
            page.goto(f"{stack.url}/moderation/{public_id}/", wait_until="commit")
            page.locator("#history").wait_for()
        answers = at_once(pages, moves)
        assert sorted(answer.status for answer in answers) == [200, 409], public_id
        loser = next(page for page, answer in zip(pages, answers, strict=True) if answer.status == 409)
        winner = next(page for page in pages if page is not loser)
        won[names[winner]] += 1
        said = loser.locator("main").inner_text()
        move = moves[pages.index(winner)]
        done = "published it" if move == "publish" else "decided not to publish it"
        assert f"{names[winner]} came first" in said and f"{names[winner]} {done}" in said and "not carried out" in said
        if moves[pages.index(loser)] == "reject":
            assert "Not for this site" in said, "what the loser typed is lost"
    logged = json.loads(stack.shell(RESULT % list(posts)).splitlines()[-1])
    assert [public_id for public_id, lines in logged.items() if len(lines) != 1] == []
    assert Counter(lines[0][1] for lines in logged.values()) == won and len(logged) == TIMES
    wait_until_nothing_is_owed(stack)
    mails = Counter(address for sent in mail.find(about_a_decision) for address in sent.recipients)
    assert mails == Counter(posts.values()), "one mail for each decision, to its author"
    print(f"\nWho was faster: {dict(won)}")


def at_once(pages: list[Page], moves: tuple[str, str]) -> list[Response]:
    """Press both buttons at the same moment of the clock; return both answers."""
    for page, move in zip(pages, moves, strict=True):
        if move == "reject":
            page.locator("#decide #id_reason").fill("Not for this site.")
    return press_together(pages, [f"#decide button[value={move}]" for move in moves])


def name_of(page: Page, stack: Stack) -> str:
    """Return the public name of whoever is signed in."""
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    code = (
        "from django.contrib.sessions.models import Session; from accounts.models import User\n"
        f"print(User.objects.get(pk=Session.objects.get(pk='{key}').get_decoded()['_auth_user_id']).name)"
    )
    return stack.shell(code).strip().splitlines()[-1]


def about_a_decision(sent: Received) -> bool:
    """True for the mails that tell an author what became of a post."""
    return bool(re.search(r"is public now|was not published", str(sent.message["Subject"])))


@pytest.mark.database_neutral
def test_what_is_undone_in_time_is_never_mailed_and_what_is_not_is(
    mail: MailServer, stack_factory: Callable[..., Stack], page_factory: Pages
) -> None:
    """With a window of some seconds instead of ten minutes, and the worker that sends the mails."""
    stack = stack_factory(mail=mail, env={"UNDO_SECONDS": "4", "SWEEP_SECONDS": "1"})
    posts: dict[str, str] = json.loads(stack.shell(FILL % 2).splitlines()[-1])
    (undone, undone_author), (kept, kept_author) = posts.items()
    page = page_factory(javascript=False, width=320)
    sign_in(page, stack.url)
    for public_id in (kept, undone):
        page.goto(f"{stack.url}/moderation/{public_id}/")
        with page.expect_navigation():
            page.locator("#decide button[value=publish]").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Undo").click()
    assert "Undone" in page.locator("main").inner_text() and undone in page.url
    mail.wait_for(lambda sent: kept_author in sent.recipients and about_a_decision(sent))
    wait_until_nothing_is_owed(stack)
    assert not mail.find(lambda sent: undone_author in sent.recipients and about_a_decision(sent))
