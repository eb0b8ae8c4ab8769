"""Moderators at real browsers: posts to decide on, signing in, keys, and what a decision costs."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Request

from tests.journeys.people import DEMO_PASSWORD
from tests.support.stack import Stack

READY = ".queue-card:focus[data-ready]"
ROUTE = "moderation/<slug:public_id>/decide/"
FILL = """
import json, secrets
from django.db.models import F
from forum.models import Claim, Post, Reason
from tests import factories
# What an earlier test left: claims, and decisions that could be undone.
Claim.objects.all().delete()
Post.objects.update(version=F("version") + 1)
# Past the rules of the house: only the length of the queue matters here.
Post.objects.filter(state="pending").update(**{{"state": "withdrawn"}})
Reason.objects.update_or_create(code="too-long", defaults=dict(move="return", title="Too long", text="Please make it shorter."))
posts = [
    # A key of its own: every run of this begins to count anew.
    factories.pending(f"May post number {{number}} stand here?", form_key=secrets.token_hex(8))
    for number in range({count})
]
print(json.dumps([post.public_id for post in posts]))
"""


def fill(stack: Stack, count: int) -> list[str]:
    """Let the queue hold exactly so many guests' questions; return their public ids, oldest first."""
    return list(json.loads(stack.shell(FILL.format(count=count)).splitlines()[-1]))


def states(stack: Stack) -> dict[str, int]:
    """Return how many posts stand in each state."""
    code = """
import collections, json
from forum.models import Post
print(json.dumps(collections.Counter(Post.objects.values_list("state", flat=True))))
"""
    return dict(json.loads(stack.shell(code).splitlines()[-1]))


def sign_in(page: Page, url: str, who: str = "moderator") -> None:
    """Sign in as a demo person."""
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(f"{who}@example.org")
    page.locator("[name=password]").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name="Sign in").click()


def press(page: Page, key: str) -> None:
    """Press a key once the focused card takes decisions."""
    wait_until_ready(page)
    page.keyboard.press(key)


def wait_until_ready(page: Page) -> None:
    """Wait until the focused card takes decisions, and look often: Playwright by itself would look every half second."""
    deadline = time.monotonic() + 10
    while not page.evaluate("ready => !!document.querySelector(ready)", READY):
        assert time.monotonic() < deadline, "no card takes decisions"
        page.wait_for_timeout(15)


def announced(page: Page, words: str) -> str:
    """Wait until these words are announced; return the whole announcement."""
    region = page.locator("#announcement[role=status]", has_text=words)
    region.wait_for()
    return str(region.text_content())


def focused(page: Page) -> dict[str, Any]:
    """Return what has the focus: tag, id, name and the id of the card around it."""
    return dict(
        page.evaluate(
            """() => { const e = document.activeElement, card = e.closest(".queue-card");
            return {tag: e.localName, id: e.id, name: e.name || "", card: card ? card.id : ""}; }"""
        )
    )


@dataclass
class Traffic:
    """Every request of a page from the moment it is watched: pages, and other requests to the site."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request))
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(error.message))

    def documents(self) -> int:
        """Return how many whole pages were loaded; a redirect is none."""
        return sum(request.is_navigation_request() and not request.redirected_to for request in self.requests)

    def bytes(self) -> int:
        """Return how much travelled to the browser, heads and bodies, as it travels (compressed)."""
        total = 0
        for request in self.requests:
            if request.response() is not None:
                sizes = request.sizes()
                total += sizes["responseBodySize"] + sizes["responseHeadersSize"]
        return total


def server_times(stack: Stack, since: int = 0) -> list[float]:
    """Return the milliseconds that each decision took on the server, from the request log's lines after `since`."""
    times = []
    for line in stack.log_text()[since:].splitlines():
        start = line.find('{"event": "request"')
        if start >= 0 and ROUTE in line:
            times.append(float(json.loads(line[start:])["ms"]))
    return times
