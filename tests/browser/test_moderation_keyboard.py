"""Moderators clear the queue: with keys and no page load between cards, and the same with JavaScript off."""

import statistics
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import looks
from tests.browser.moderators import (
    Traffic,
    announced,
    fill,
    focused,
    press,
    server_times,
    sign_in,
    states,
    wait_until_ready,
)
from tests.support.browser import Pages, axe_violations
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=80), pytest.mark.database_neutral]
MANY = 50


@pytest.fixture(scope="module")
def site(session_stack_factory: Callable[..., Stack]) -> Stack:
    """One site for the tests of this file, where decisions can be undone; its queue begins empty."""
    return session_stack_factory(env={"UNDO_SECONDS": "600"})


@pytest.fixture
def queue(site: Stack, page_factory: Pages) -> Callable[[int], Page]:
    """Open the queue with exactly so many posts in it, as a moderator with a keyboard."""

    def opened(count: int) -> Page:
        fill(site, count)
        page = page_factory(javascript=True, width=1280)
        sign_in(page, site.url)
        page.goto(f"{site.url}/moderation/")
        return page

    return opened


def report(how: str, traffic: Traffic, times: list[float], decisions: int) -> None:
    """Print what a decision cost, for docs/moderation.md."""
    print(
        f"\n{how}: {len(traffic.requests) / decisions:.2f} requests and {traffic.bytes() / decisions / 1000:.1f} kB"
        f" a decision, {traffic.documents()} pages; server {statistics.median(times):.0f} ms (median),"
        f" {sorted(times)[int(len(times) * 0.9)]:.0f} ms (90th percentile)"
    )


def test_fifty_posts_by_keyboard_without_a_page_load(site: Stack, queue: Callable[[int], Page]) -> None:
    page = queue(MANY)
    before, mark = states(site), len(site.log_text())
    traffic = Traffic(page)
    page.keyboard.press("j")
    for number in range(MANY):
        left = MANY - number - 1
        card = focused_card(page)
        press(page, "s" if number % 10 == 9 else "p")
        said = announced(page, f" {left} left.")
        assert said == ("Marked as spam." if number % 10 == 9 else "Published.") + f" {left} left. Undo with Z."
        assert page.locator(f"#{card}").count() == 0
    page.wait_for_selector("#nothing:focus")
    after = states(site)
    assert after["published"] - before.get("published", 0) == MANY - MANY // 10
    assert after["spam"] - before.get("spam", 0) == MANY // 10
    assert traffic.documents() == 0 and not traffic.problems, traffic.problems
    times = server_times(site, mark)
    assert len(times) == MANY
    report("With keys", traffic, times, MANY)


def focused_card(page: Page) -> str:
    """Return the id of the card that has the focus, once there is one that takes decisions."""
    wait_until_ready(page)
    return str(focused(page)["id"])


def test_fifty_posts_without_javascript(site: Stack, queue: Callable[[int], Page], page_factory: Pages) -> None:
    queue(MANY)
    page = page_factory(javascript=False, width=320)
    sign_in(page, site.url)
    page.goto(f"{site.url}/moderation/")
    mark, before, traffic = len(site.log_text()), states(site), Traffic(page)
    for _ in range(MANY):
        with page.expect_navigation():
            page.locator(".queue-card .quick button[value=publish]").first.click()
    assert "Nothing waits" in page.locator("main").inner_text() and not traffic.problems
    assert states(site)["published"] - before.get("published", 0) == MANY
    times = server_times(site, mark)
    assert len(times) == MANY
    report("Without JavaScript", traffic, times, MANY)


def test_the_focus_goes_to_the_next_card_and_back_with_what_is_undone(queue: Callable[[int], Page]) -> None:
    page = queue(4)
    ids = page.locator(".queue-card").evaluate_all("cards => cards.map(card => card.id)")
    page.keyboard.press("j")
    assert focused_card(page) == ids[0]
    page.keyboard.press("j")
    assert focused_card(page) == ids[1]
    page.keyboard.press("k")
    assert focused_card(page) == ids[0]
    page.keyboard.press("k")
    announced(page, "This is the first post here.")
    press(page, "p")
    announced(page, "Published. 3 left.")
    assert focused_card(page) == ids[1]
    page.keyboard.press("z")
    announced(page, "Undone. 4 left.")
    assert focused_card(page) == ids[0], "the card is back and has the focus"
    page.keyboard.press("z")
    announced(page, "There is nothing to undo.")


def test_a_reason_is_given_with_the_keyboard_alone(site: Stack, queue: Callable[[int], Page]) -> None:
    page = queue(3)
    page.keyboard.press("j")
    card = focused_card(page)
    press(page, "r")
    assert focused(page)["name"] == "reason_code"
    page.keyboard.press("Control+Enter")
    announced(page, "Write a reason")
    assert focused(page)["name"] == "reason" and focused(page)["card"] == card
    page.keyboard.type("Please, no jokes: p, s, n, z and j are letters here.")
    page.keyboard.press("Control+Enter")
    # After an error the form is a new one, where sending back is what Ctrl and Enter mean.
    announced(page, "Sent back to the author with your reason. 2 left.")
    reason = site.shell("from forum.models import LogEntry; print(LogEntry.objects.latest('pk').reason)").strip()
    assert reason.endswith("Please, no jokes: p, s, n, z and j are letters here.")
    press(page, "n")
    page.keyboard.press("Escape")
    assert focused_card(page) and page.locator(".answer-box[open]").count() == 0
    press(page, "n")
    page.keyboard.press("Tab")
    page.keyboard.type("Nothing for this site.")
    page.keyboard.press("Control+Enter")
    announced(page, "Not published. The author receives your reason. 1 left.")


def test_a_colleague_who_was_faster_is_named_in_the_cards_place(site: Stack, queue: Callable[[int], Page]) -> None:
    page = queue(2)
    page.keyboard.press("j")
    card = focused_card(page)
    public_id = card.removeprefix("card-")
    site.shell(
        "from forum.models import Post; from tests import factories; from forum.states import Move\n"
        f"factories.decide(Post.objects.get(public_id='{public_id}'), Move.SPAM, by=factories.moderator('Ada First'))"
    )
    press(page, "p")
    announced(page, "This post changed before your decision")
    assert focused(page)["id"] == card and "Ada First came first" in page.locator(f"#{card}").inner_text()
    page.keyboard.press("j")
    assert focused_card(page) != card


def test_the_keys_can_be_changed_and_switched_off(site: Stack, queue: Callable[[int], Page]) -> None:
    page = queue(3)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.wait_for()
    page.get_by_label("Publish", exact=True).fill("s")
    dialog.get_by_role("button", name="Save").click()
    assert "is used twice" in dialog.inner_text()
    page.get_by_label("Publish", exact=True).fill("a")
    dialog.get_by_role("button", name="Save").click()
    announced(page, "The shortcuts are saved.")
    page.reload()
    page.keyboard.press("j")
    press(page, "p")
    press(page, "a")
    announced(page, "Published. 2 left.")
    press(page, "?")
    page.get_by_label("Use these shortcuts").uncheck()
    dialog.get_by_role("button", name="Save").click()
    announced(page, "The shortcuts are off.")
    page.reload()
    page.locator(".queue-card").first.focus()
    before = states(site)
    for key in "japsrnz?k":
        page.keyboard.press(key)
    assert not page.locator("dialog[open], .answer-box[open]").count() and states(site) == before
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert not page.get_by_label("Use these shortcuts").is_checked()


def test_a_hand_that_presses_twice_decides_once(queue: Callable[[int], Page]) -> None:
    page = queue(3)
    page.keyboard.press("p")
    announced(page, "Choose a post first, with J.")
    page.keyboard.press("j")
    wait_until_ready(page)
    for _ in range(3):
        page.keyboard.press("p")
    announced(page, "Published. 2 left.")
    wait_until_ready(page)
    assert page.locator(".queue-card").count() == 2
    for combination in ("Control+p", "Alt+s"):
        page.evaluate("addEventListener('keydown', event => event.preventDefault())")
        page.keyboard.press(combination)
    page.keyboard.down("s")
    announced(page, "Marked as spam. 1 left.")
    wait_until_ready(page)
    page.keyboard.down("s")  # held down: the browser repeats it
    page.keyboard.up("s")
    assert page.locator(".queue-card").count() == 1


def test_whoever_reads_a_card_has_it_open_until_they_leave(site: Stack, queue: Callable[[int], Page]) -> None:
    page = queue(2)
    page.keyboard.press("j")
    claim = "from forum.models import Claim; print([c.moderator.name for c in Claim.objects.all()])"
    with page.expect_response(lambda response: response.url.endswith("/claim/")):
        wait_until_ready(page)
    assert site.shell(claim).strip() != "[]"
    page.goto(f"{site.url}/questions/")
    wait_until(lambda: site.shell(claim).strip() == "[]", 20, "the end of the claim")


def test_the_dialog_and_a_conflict_are_as_accessible_as_every_page(queue: Callable[[int], Page]) -> None:
    page = queue(2)
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    for width in (320, 1280):
        looks.dress(page, dark=width == 1280, width=width)
        assert not axe_violations(page) and not looks.layout(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    stops, faults = looks.tab_through(page)
    assert not faults and any("choose-" in stop for stop in stops)
