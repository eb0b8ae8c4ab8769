"""Every page is valid HTML, and the style sheet valid CSS, by the Nu HTML checker."""

import pytest

from tests.browser.gallery import SCENES, Gallery
from tests.journeys.people import request
from tests.support.browser import Pages
from tests.support.html import nu_errors

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.slow, pytest.mark.database_neutral]


def test_every_page_is_valid(gallery: Gallery, page_factory: Pages) -> None:
    pages, page = {}, page_factory(javascript=False)
    for scene in SCENES:
        # As the server sends it: what a browser makes of it would hide mistakes.
        pages[scene.name] = scene.show(gallery, page).text()
        page.context.clear_cookies()
        page.unroute_all()
    feed = [html for html in pages.values() if not html.lstrip().lower().startswith("<!doctype html>")]
    assert not feed and len(pages) == len(SCENES)
    errors = nu_errors(pages)
    assert not errors, "\n".join(["", *errors])


def test_the_style_sheet_is_valid(gallery: Gallery) -> None:
    css = request(f"{gallery.url}/static/css/site.css")[2].decode()
    page = f'<!DOCTYPE html><html lang="en"><head><title>Styles</title><style>{css}</style></head><body></body></html>'
    errors = nu_errors({"site.css": page})
    assert not errors, "\n".join(["", *errors])


def test_the_checker_sees_a_mistake() -> None:
    broken = (
        '<!DOCTYPE html><html lang="en"><head><title>x</title></head><body><p id=a><p id=a><img src=x></body></html>'
    )
    errors = nu_errors({"broken": broken})
    assert any("Duplicate ID" in error for error in errors) and any("alt" in error for error in errors)
