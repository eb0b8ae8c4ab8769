"""The text part is made from the HTML, and the styles are written into its tags (forum/notifications/mails/)."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings

from articles.text.plain import MAIL_TAGS, mail_text
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
    assert mail_text(html) == text


@pytest.mark.parametrize("path", LETTERS, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_mails_use_only_tags_that_have_a_text_form(path: Path) -> None:
    markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"<([a-zA-Z]\w*)", markup)) <= MAIL_TAGS
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


def test_what_many_mails_say_stands_in_one_place() -> None:
    """A sentence of six words or more stands in two templates at most: what more of them say is a part of its own."""
    where: dict[str, set[str]] = {}
    for path in LETTERS:
        markup = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.DOTALL)
        for sentence in re.split(r"(?<=[.!?:])\s+|\n|<[^>]+>|\{%[^%]*%\}", markup):
            if len(re.sub(r"\{\{[^}]*\}\}", "x", sentence).split()) >= 6:
                where.setdefault(sentence.strip(), set()).add(path.parent.name + "/" + path.name)
    assert not {sentence: names for sentence, names in where.items() if len(names) > 2}


def test_no_account_mail_has_words_that_are_not_ours() -> None:
    """Every mail that allauth may send has a subject and a message of ours."""
    theirs = Path(allauth.__file__).parent / "templates"
    names = {
        path.relative_to(theirs)
        for app in ("account", "mfa")
        for path in theirs.glob(f"{app}/email/*_message.txt")
        if not path.name.startswith("base_")
    }
    assert len(names) > 10
    for name in names:
        assert (TEMPLATES / name).with_suffix(".html").exists(), name
        assert (TEMPLATES / str(name).replace("_message", "_subject")).exists(), name


def test_colours_can_be_told_apart_in_light_and_in_dark() -> None:
    """Seven to one, for text and links on their ground and for the button's words."""
    light, dark = (TEMPLATES / "emails/mail.css").read_text(), (TEMPLATES / "emails/dark.css").read_text()
    for sheet in (light, dark):
        ground = colour(sheet, "body", "background-color")
        assert contrast(colour(sheet, "body", "color"), ground) >= 7
        assert contrast(colour(sheet, "a", "color"), ground) >= 7
        assert contrast(colour(sheet, ".button a", "color"), colour(light, ".button td", "background-color")) >= 7


def colour(sheet: str, selector: str, name: str) -> str:
    """Return the colour that the sheet gives to what the selector names."""
    rule = re.search(rf"^\s*{re.escape(selector)} \{{([^}}]*)\}}", sheet, re.MULTILINE)
    found = rule and re.search(rf"(?:^|[ ;]){name}: (#[0-9a-f]{{6}})", rule[1])
    assert found, (selector, name)
    return found[1]


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
