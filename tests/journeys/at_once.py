"""Two people at two browsers press a button at the same moment of the clock."""

from playwright.sync_api import Page, Response

# It is a click on the button that a person would click; the answer comes as a new page, as it does without any script.
CLICK_AT = """
([selector, at]) => {
  const button = document.querySelector(selector);
  const wait = () => { while (Date.now() < at) { /* until the very moment */ } button.click(); };
  setTimeout(wait, Math.max(0, at - Date.now() - 20));
}
"""


def press_together(pages: list[Page], buttons: list[str]) -> list[Response]:
    """Let two pages press their buttons (CSS selectors) at once; return both answers, before any redirect is followed."""
    first, second = pages
    with first.expect_navigation(wait_until="commit") as one, second.expect_navigation(wait_until="commit") as other:
        moment = first.evaluate("Date.now()") + 150
        for page, button in zip(pages, buttons, strict=True):
            page.evaluate(CLICK_AT, [button, moment])
    return [one.value, other.value]
