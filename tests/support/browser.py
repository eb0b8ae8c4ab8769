"""Chromium for tests, driven by Playwright: the system's, not Playwright's own.

The headless shell is the same engine without windows, tabs and toolbars: each page takes a third of the time.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The sandbox needs rights that a container's root does not have; the rest stops connections to the vendor.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
# WCAG 2.0 to 2.2, levels A and AA, and what axe calls best practice.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def executable() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run one Chromium; without one skip the test, or fail in CI."""
    path = executable()
    if path is None:
        message = "no Chromium on this machine: install it (apt-get install chromium) or set CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Playwright runs an event loop in this thread: Django would refuse every query as one from async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Pages:
    """Makes pages, each in a context of its own: they share no cookies and no storage."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[Any] = []

    def __call__(
        self, *, javascript: bool = False, width: int = 320, height: int = 800, dark: bool = False, **context: Any
    ) -> Page:
        """Return a new page; further arguments go to Playwright's new_context (base_url, extra_http_headers, ...)."""
        made = self.browser.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **context,
        )
        made.set_default_timeout(10_000)
        self.contexts.append(made)
        return made.new_page()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def axe_violations(page: Page, context: str | None = None) -> list[str]:
    """Return axe's violations on a page (which needs JavaScript), one readable line for each element."""
    options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
    response = Axe().run(page, context=context, options=options).response
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))} in {page.url}"
        for violation in response["violations"]
        for node in violation["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
