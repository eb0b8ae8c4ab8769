"""Every kind of mail as a mail program with a browser inside shows it: on a telephone and on a desk, light and dark."""

from typing import Any

import pytest

from forum.views.dev_mail import previews
from tests.browser import looks
from tests.support.browser import Pages

pytestmark = [pytest.mark.django_db, pytest.mark.browser, pytest.mark.slow, pytest.mark.database_neutral]

# Mails are read at arm's length, too: nothing is smaller than this.
SMALLEST = "[...document.querySelectorAll('p, a, blockquote')].map(one => parseFloat(getComputedStyle(one).fontSize))"


def test_every_mail_can_be_read_and_its_links_be_hit(page_factory: Pages, settings: Any) -> None:
    settings.EMAIL_BACKEND = "forum.notifications.delivery.backend.OutboxBackend"
    page = page_factory(javascript=True, width=320)
    faults = []
    coloured = set()
    for preview in previews.sorted_by_kind():
        page.set_content(previews.compose(preview).html)
        for width in (320, 700):
            looks.dress(page, dark=False, width=width)
            faults += [f"{preview.slug}, {width} px: {fault}" for fault in looks.layout(page)]
        assert min(page.evaluate(SMALLEST)) >= 18 and page.locator("html[lang=en]").count() == 1
        # One sheet colours them all: one mail of each kind shows what it can do.
        for dark in () if preview.kind in coloured else (False, True):
            coloured.add(preview.kind)
            looks.dress(page, dark=dark, width=320)
            faults += [f"{preview.slug}, dark {dark}: {fault}" for fault in looks.axe(page, appearance_only=True)]
    assert not faults, "\n".join(["", *faults])
