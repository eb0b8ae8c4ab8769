"""Everybody can use every page (DESIGN 4, promise 10; DESIGN 9): each in light and dark, on a small phone and a desk.

One load for each page: the same document is then seen narrow and light, by every rule, and wide and dark, by those that
can find something else there. what makes that enough is a test of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser import looks
from tests.browser.gallery import ARTICLE, NEEDS_SCRIPT, PUBLIC, SCENES, Gallery, Scene
from tests.journeys.people import request
from tests.support.browser import Pages

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow(seconds=100), pytest.mark.database_neutral]

CSS_BUDGET, HTML_BUDGET, MOST_REQUESTS = 15_000, 30_000, 6


@pytest.fixture(scope="module")
def one_page(chromium: Browser) -> Iterator[Page]:
    """One browser window for all scenes; each comes to it without cookies."""
    pages = Pages(chromium)
    yield pages(javascript=True, width=320)
    pages.close()


@pytest.fixture
def page(one_page: Page) -> Iterator[Page]:
    """The window as a visitor brings it."""
    one_page.context.clear_cookies()
    looks.dress(one_page, dark=False, width=320)
    yield one_page
    one_page.unroute_all()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_everybody_can_use_the_page(gallery: Gallery, page: Page, scene: Scene) -> None:
    with noted_requests(page) as asked:
        html = scene.show(gallery, page).text()
    faults = [f"320 px, light: {fault}" for fault in [*looks.axe(page), *looks.layout(page)]]
    looks.dress(page, dark=True, width=1280)
    faults += [f"1280 px, dark: {fault}" for fault in [*looks.axe(page, appearance_only=True), *looks.layout(page)]]
    faults += looks.large_text(page)
    faults += [
        f"asks a third party: {one}"
        for one in asked
        if urlsplit(one.split(" ")[1]).netloc != urlsplit(gallery.url).netloc
    ]
    if not scene.role and scene.name not in NEEDS_SCRIPT:
        faults += [f"needs a script: {one}" for one in asked if one.startswith("script ")]
        faults += ["has a script"] * ("<script" in html)
    size = looks.gzipped(html.encode())
    faults += [f"HTML of {size} bytes"] * (size > HTML_BUDGET)
    assert not faults, "\n".join(["", *faults])


@contextmanager
def noted_requests(page: Page) -> Iterator[list[str]]:
    """Collect "type URL" of everything that the page asks for."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(f"{request.resource_type} {request.url}")

    page.on("request", note)
    yield asked
    page.remove_listener("request", note)


def test_no_element_is_there_only_in_the_dark_or_in_one_width(gallery: Gallery) -> None:
    """Nor has another colour in another width. Where it must be, look at the pages narrow and dark, and wide and light, too."""
    css = request(f"{gallery.url}/static/css/site.css")[2].decode()
    asked = re.findall(r"@media \((\w+-width|prefers-color-scheme)[^{]*\{(.*?)\n\}", css, re.DOTALL)
    assert {"max-width", "min-width", "prefers-color-scheme"} == {feature for feature, _ in asked}
    assert not [rules for _, rules in asked if re.search(r"display: none|visibility|opacity", rules)]
    widths = [rules for feature, rules in asked if feature != "prefers-color-scheme"]
    assert not [rules for rules in widths if re.search(r"[^-]color:|background|fill:", rules)]


@pytest.mark.parametrize("path", ["/", ARTICLE, "/questions/", "{question}", "/questions/ask/"])
def test_a_first_visit_is_small(gallery: Gallery, page_factory: Pages, path: str) -> None:
    page = page_factory(javascript=True, width=320)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    gallery.open(page, path)
    page.wait_for_load_state("networkidle")
    assert len(asked) <= MOST_REQUESTS, asked
    status, headers, body = request(gallery.url + path.format(**gallery.things), headers={"Accept-Encoding": "gzip"})
    assert status == 200 and b"gzip" in headers and len(body) <= HTML_BUDGET


def test_the_style_sheet_is_small(gallery: Gallery) -> None:
    status, _headers, css = request(f"{gallery.url}/static/css/site.css")
    assert status == 200 and 1_000 < looks.gzipped(css) <= CSS_BUDGET


# Every page of moderation, of an account, of the desk and about credentials once; three pages in the dark as well, since
# the ring's colours are the same everywhere.
BY_KEYBOARD = [
    *((name, dark) for name in ("article", "ask errors", "moderation post") for dark in (False, True)),
    *((name, False) for name in ("queue", "several at once", "conflict", "opinions", "log", "dashboard", "rules")),
    *((name, False) for name in ("recognition errors", "credential request asked", "physician", "badges")),
    *((name, False) for name in ("desk", "desk question begun", "desk snippets", "desk route routed")),
    *(
        (name, False)
        for name in ("desk follow-up", "desk question taken", "desk snippet changed", "desk snippet deleted")
    ),
    *((name, False) for name in ("recognition", "credentials", "credentials in force", "credential withdrawn")),
    *(
        (name, False)
        for name in (
            "me of physician",
            "my posts",
            "my follows",
            "my notifications old",
            "mail choices errors",
            "my name errors",
            "claim",
        )
    ),
    *((name, False) for name in ("my data", "erase", "your data", "data link", "data link erase", "erasure to come")),
    *((name, False) for name in ("sessions", "passkeys one", "passkey", "passkey renamed", "passkey removed")),
    *((name, False) for name in ("add a passkey", "sign in again", "sign in again by passkey", "second factor asked")),
    *((name, False) for name in ("second factor on", "second factor new", "second factor off", "recovery codes")),
    *((name, False) for name in ("login errors", "signup errors", "login by code", "password reset", "addresses")),
    *((name, False) for name in ("password reset link", "password", "sign out", "confirm account")),
    *((name, False) for name in ("aged answers as physician", "supersede errors", "edit that hides")),
    *((name, False) for name in ("reported posts", "mute", "people", "person", "report", "moderation in numbers")),
]


@pytest.mark.parametrize(("name", "dark"), BY_KEYBOARD)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    gallery: Gallery, page_factory: Pages, name: str, dark: bool
) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)
    page = page_factory(javascript=True, width=1280, dark=dark)
    scene.show(gallery, page)
    stops, faults = looks.tab_through(page)
    assert not faults
    assert reachable(page) <= len(stops), stops
    assert any("Skip to the main text" in stop for stop in stops)


def reachable(page: Page) -> int:
    """Return how many links and controls the page shows; radio buttons of one name are one stop of the Tab key."""
    controls = "a[href], button, input:not([type=hidden]), select, textarea, summary"
    first = "one.type !== 'radio' || one === one.form.querySelector(`[name=${one.name}]`)"
    shown = f"[...document.querySelectorAll('{controls}')].filter(one => one.checkVisibility() && one.tabIndex >= 0)"
    return int(page.evaluate(f"{shown}.filter(one => {first}).length"))


def test_the_measures_see_what_is_wrong(page_factory: Pages) -> None:
    """A control: a page with one fault of each kind."""
    page = page_factory(javascript=True, width=320)
    page.set_content(
        "<html><head><title>x</title><style>a:focus { outline: none }</style></head><body><main><h1>x</h1><img src=x.png>"
        "<p style='color: #777; background: #fff'>Pale words.</p><p style='color: #666; background: #fff'>Less pale.</p><p><a href='#x'>Small</a></p>"
        "<p>Words with <a href='#y'>a link</a> inside.</p><p style='width: 30rem'>Wide</p></main></body></html>"
    )
    found = looks.axe(page)
    assert {"image-alt", "html-has-lang", "color-contrast", "color-contrast-enhanced"} <= rules_in(found)
    assert rules_in(looks.axe(page, appearance_only=True)) == {"color-contrast", "color-contrast-enhanced"}
    measured = looks.layout(page)
    assert "scrolls sideways" in measured and len([fault for fault in measured if fault.startswith("target")]) == 1
    assert looks.large_text(page)
    assert any("no visible focus" in fault for fault in looks.tab_through(page)[1])
    assert len(PUBLIC) > 40


def rules_in(found: list[str]) -> set[str]:
    """Return which of axe's rules were broken."""
    return {fault.split(":")[0] for fault in found}
