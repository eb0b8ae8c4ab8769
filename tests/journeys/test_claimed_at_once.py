"""Two browsers claim the same thing at the same moment: a question at the desk, and what somebody wrote as a guest.

Everything is real: script/server, two Chromium contexts, on the database of the run. The pages' forms are sent without any
script of the site; only the clock that clicks both buttons at once is one.
"""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.moderators import sign_in
from tests.journeys.at_once import press_together
from tests.journeys.people import DEMO_PASSWORD
from tests.support.browser import Pages
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=30)]

TIMES = 5
WAITING = f"""
import json, secrets
from allauth.account.models import EmailAddress
from tests import factories
second = factories.physician("Paula Second", address="physician2@example.org")
second.set_password({DEMO_PASSWORD!r})
second.save()
print(json.dumps([factories.published(f"Who answers number {{number}}?", form_key=secrets.token_hex(8)).public_id
    for number in range({TIMES})]))
"""
CLAIMS = """
import json
from forum.models import DeskQuestion
print(json.dumps(dict(DeskQuestion.objects.values_list("question__public_id", "claimed_by__name"))))
"""
AS_A_GUEST = f"""
import json, secrets
from tests import factories
posts = [factories.published(f"Is number {{number}} mine?", form_key=secrets.token_hex(8), address="member@example.org")
    for number in range({TIMES})]
for post in posts:
    factories.confirmed(post)
print(json.dumps([post.public_id for post in posts]))
"""
TAKEN = """
import json
from allauth.account.models import EmailAddress
from forum.models import Post, Subscription
member = EmailAddress.objects.get(email="member@example.org").user
posts = Post.objects.filter(title__startswith="Is number")
print(json.dumps([posts.filter(author=member, contact=member.contact).count(),
    Subscription.objects.filter(post__in=posts, contact=member.contact).count(),
    Subscription.objects.filter(post__in=posts).exclude(contact=member.contact).count()]))
"""


def test_two_physicians_claim_one_question_and_one_has_it(shared_stack: Stack, page_factory: Pages) -> None:
    questions = json.loads(shared_stack.shell(WAITING).splitlines()[-1])
    pages = two(shared_stack, page_factory, "physician", "physician2")
    winners = {}
    for public_id in questions:
        for page in pages:
            page.goto(f"{shared_stack.url}/desk/{public_id}/")
        claim = f"form[action='/desk/{public_id}/claim/'] button"
        answers = press_together(pages, [claim, claim])
        assert sorted(answer.status for answer in answers) == [200, 409], public_id
        [lost] = [page for page, answer in zip(pages, answers, strict=True) if answer.status == 409]
        [won] = [page for page in pages if page is not lost]
        assert "You are answering this" in won.locator("main").inner_text()
        winners[public_id] = lost.locator("h1").inner_text().removeprefix("Dr ").removesuffix(" was faster")
        assert "is answering “Who answers number" in lost.locator("main").inner_text()
    stored = json.loads(shared_stack.shell(CLAIMS).splitlines()[-1])
    assert {public_id: stored[public_id] for public_id in questions} == winners


def test_one_person_claims_their_posts_in_two_browsers_and_has_each_once(
    shared_stack: Stack, page_factory: Pages
) -> None:
    posts = json.loads(shared_stack.shell(AS_A_GUEST).splitlines()[-1])
    pages = two(shared_stack, page_factory, "member", "member")
    for public_id in posts:
        for page in pages:
            page.goto(f"{shared_stack.url}/me/claim/")
            page.locator(f"input[value='{public_id}']").check()
        answers = press_together(pages, ["main button[value=mine]"] * 2)
        assert [answer.status for answer in answers] == [200, 200]
        for page in pages:
            assert page.url == f"{shared_stack.url}/me/" and "These are yours now" in page.locator("main").inner_text()
    assert json.loads(shared_stack.shell(TAKEN).splitlines()[-1]) == [TIMES, TIMES, 0]


def two(stack: Stack, page_factory: Pages, *people: str) -> list[Page]:
    """Return the pages of two signed-in browsers, without the site's scripts."""
    pages = [page_factory(javascript=True, width=320) for _ in people]
    for page, who in zip(pages, people, strict=True):
        page.route("**/static/**", lambda route: route.abort())
        sign_in(page, stack.url, who)
    return pages
