"""Measuring a page as people see it: targets, contrast, focus, text size. Each function returns what is wrong."""

import gzip
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

from tests.support.browser import AXE_TAGS, scrolls_sideways

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# All of WCAG 2.0 to 2.2 A and AA and best practice, and 7:1 contrast, which is AAA.
RUN_AXE = """
async ([type, values]) => {
  const rules = type === "tag" ? {"color-contrast-enhanced": {enabled: true}} : {};
  const {violations} = await axe.run({runOnly: {type, values}, rules, resultTypes: ["violations"]});
  return violations.flatMap(one => one.nodes.map(node => `${one.id}: ${one.help}: ${node.target} ${node.html.slice(0, 120)}`));
}
"""
# All that can be different in the dark, where the style sheet changes colours and nothing else ...
COLOUR_RULES = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
# ... and all that can be different in another width, where it changes sizes and nothing else.
LAYOUT_RULES = ["target-size", "scrollable-region-focusable"]
# A link inside a sentence may be as high as its line (WCAG 2.5.5, inline exception); alone on its line it may not.
SMALL_TARGETS = """
() => {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const words = node => node.nodeType === Node.TEXT_NODE && /\\p{L}{2}/u.test(node.textContent);
  const small = [];
  for (const element of document.querySelectorAll(controls)) {
    if (!element.checkVisibility() || element.closest(".trap, [aria-hidden=true]")) continue;
    const {width, height} = element.getBoundingClientRect();
    if (width > 43.5 && height > 43.5) continue;
    const inSentence = element.localName === "a" && getComputedStyle(element).display === "inline"
      && [...element.parentElement.childNodes].some(words);
    if (!inSentence) small.push(`target ${Math.round(width)}x${Math.round(height)}: ${element.outerHTML.slice(0, 120)}`);
  }
  return small;
}
"""
# A focused element's outline, as the browser draws it, and the element itself.
FOCUSED = """
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), {width, height} = element.getBoundingClientRect();
  return {
    html: element.outerHTML.slice(0, 120),
    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && style.boxShadow !== "none",
    hidden: width < 2 || height < 2 || !!element.closest("[aria-hidden=true]"),
  };
}
"""


def dress(page: Page, *, dark: bool, width: int) -> None:
    """Let the page be light or dark and so many pixels wide."""
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})


def axe(page: Page, *, appearance_only: bool = False) -> list[str]:
    """Return what axe finds, one line for each element, or only what the dark and a width can change.

    The program is put into the page once.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return list(
        page.evaluate(RUN_AXE, ["rule", [*COLOUR_RULES, *LAYOUT_RULES]] if appearance_only else ["tag", AXE_TAGS])
    )


def layout(page: Page) -> list[str]:
    """Return targets below 44 px, and whether the page is wider than the window."""
    sideways = ["scrolls sideways"] if scrolls_sideways(page) else []
    return [*page.evaluate(SMALL_TARGETS), *sideways]


def large_text(page: Page) -> list[str]:
    """Return what breaks when a reader doubles the size of all text (WCAG 1.4.4) on a small window."""
    page.set_viewport_size({"width": 640, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '36px'")
    wide = scrolls_sideways(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    return ["scrolls sideways with text at 200 %"] if wide else []


def tab_through(page: Page, most: int = 400) -> tuple[list[str], list[str]]:
    """Go through the page with the Tab key; return the stops, and what is wrong with any of them."""
    stops: list[str] = []
    faults: list[str] = []
    # Twice to the end: a page with errors begins at their summary, not at the top.
    rounds = 0
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            rounds += 1
            if rounds == 2:
                break
            continue
        if stops and stop["html"] == stops[0]:
            break
        stops.append(stop["html"])
        faults += [f"{what}: {stop['html']}" for what in ("hidden",) if stop[what]]
        faults += [] if stop["visible"] else [f"no visible focus: {stop['html']}"]
    return stops, faults


def gzipped(data: bytes) -> int:
    """Return how many bytes travel when the server compresses as usual."""
    return len(gzip.compress(data, 6))
