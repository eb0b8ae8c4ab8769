"""The text part is made from the HTML, and the styles are written into its tags (forum/notifications/mails/)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from forum.notifications.mails.plain import KNOWN, text_of
from forum.notifications.mails.styling import styled

TEMPLATES = Path(settings.BASE_DIR) / "templates"
LETTERS = sorted({*TEMPLATES.glob("emails/**/*.html"), *TEMPLATES.glob("*/email/*.html")})
LINK = "https://hsp.example.org/p/x/"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n  line,\tand on.</p>\n\n<p>Two.</p>", "One line, and on.\n\nTwo.\n"),
        ("<p>Ann &lt;b&gt; &amp;amp; <strong><bdi>O’Hara</bdi></strong>.</p>", "Ann <b> &amp; O’Hara.\n"),
        (f'<p>Here:</p><table><tr><td><a href="{LINK}">See it</a></td></tr></table>', f"Here:\n\nSee it:\n{LINK}\n"),
        (f'<p>See <a href="{LINK}">your page</a> soon.</p>', f"See\nyour page:\n{LINK}\nsoon.\n"),
        (f'<p><a href="{LINK}">Is it you?</a></p>', f"Is it you?\n{LINK}\n"),
        (f'<p><a href="{LINK}">{LINK}</a></p><p>x</p>', f"{LINK}\n\nx\n"),
        (f'<p><a href="{LINK}?a=1&amp;b=2"></a></p>', f"{LINK}?a=1&b=2\n"),
        ("<blockquote><p>One<br>two</p>\n\n<p>three</p></blockquote><p>x</p>", '"One\ntwo\n\nthree"\n\nx\n'),
        ("<blockquote></blockquote><p>x</p>", "x\n"),
        (f'<ul><li>One</li><li><a href="{LINK}">Two</a></li><li></li></ul>', f"- One\n- Two:\n{LINK}\n"),
        (f'<ul><li><p>One</p></li><li><p><a href="{LINK}">Two</a></p></li></ul>', f"- One\n- Two:\n{LINK}\n"),
        ("<p>x</p><ul><li>One</li></ul><p>y</p>", "x\n\n- One\n\ny\n"),
        ("<p>x</p><hr>\n<p>foot</p><p>end</p>", "x\n\n--\nfoot\n\nend\n"),
        ("<html><head><title>No</title><style>p{}</style></head><body><p> Yes </p></body></html>", "Yes\n"),
        ("<p>A no-break\u00a0space and a \u2028 stay.</p>", "A no-break\u00a0space and a \u2028 stay.\n"),
        ("<p>1 &lt; 2 &#38;lt; 3</p>", "1 < 2 &lt; 3\n"),
        ("", "\n"),
    ],
)
def test_the_text_part_says_what_the_html_says(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_mails_use_only_tags_that_have_a_text_form(path: Path) -> None:
    markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"<([a-zA-Z]\w*)", markup)) <= KNOWN
    assert "style=" not in markup


def test_styles_are_in_the_tags_and_the_dark_ones_stay() -> None:
    page = (
        "<style>p { color: red; }</style><style data-css-inline='keep'>@media x { p { color: blue; } }</style><p>x</p>"
    )
    html = styled(page)
    assert '<p style="color: red;">x</p>' in html
    assert html.count("<style") == 1 and "@media x" in html


@pytest.mark.parametrize(
    "address", ["sheet.css", "file:///etc/hostname", "http://127.0.0.1:9/x.css", "//x.example/x.css"]
)
def test_no_style_sheet_is_fetched(address: str) -> None:
    assert styled(f'<link rel="stylesheet" href="{address}"><p>x</p>').count("style") == 0
