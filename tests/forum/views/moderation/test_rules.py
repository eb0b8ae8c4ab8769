"""The page on which staff switch and tune the rules: trying, saving, bad input, two at once, a broken rule."""

import html
import re
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from forum.models import LogEntry, RuleSetting
from forum.rules import RULES, rule_settings
from forum.states import Act
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
PAGE = "/moderation/rules/"


def staff(name: str = "Sam") -> Visitor:
    """Return a member of the staff at a browser."""
    return Visitor(factories.person(name, roles.STAFF))


def typed(page: Any, **changes: str | None) -> dict[str, str]:
    """Return what a browser would send from the page as it stands, with changes; None leaves a field out."""
    values = {}
    for tag in re.findall(r"<input [^>]+>", page.text):
        parts = dict(re.findall(r'([\w\-]+)="([^"]*)"', tag))
        is_switch = parts.get("type") == "checkbox"
        if not is_switch or " checked" in tag:
            values[parts["name"]] = html.unescape(parts.get("value", "on" if is_switch else ""))
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page.text, re.DOTALL):
        values[name] = html.unescape(value)
    values.pop("csrfmiddlewaretoken", None)
    changed = {key.replace("__", "-"): value for key, value in changes.items()}
    return {key: value for key, value in {**values, **changed}.items() if value is not None}


def words(page: Any) -> str:
    """Return a page as text."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_who_may_open_it() -> None:
    assert staff().get(PAGE).status_code == 200
    assert Visitor(factories.moderator()).get(PAGE).status_code == 403
    assert Visitor().get(PAGE).status_code == 302


def test_every_rule_stands_there_with_its_words_and_options() -> None:
    page = staff().get(PAGE)
    text = words(page)
    for rule in RULES:
        assert rule.title in text and rule.explanation in text
        assert f'name="{rule.name}-on"' in page.text
        for option in rule.options:
            assert f'name="{rule.name}-{option.name}"' in page.text


def test_the_form_sent_as_it_is_changes_nothing() -> None:
    visitor = staff()
    answer = visitor.post(PAGE, {**typed(visitor.get(PAGE)), "do": "save"}, follow=True)
    assert "Nothing had changed" in words(answer)
    assert rule_settings.load().keys() >= {rule.name for rule in RULES}
    assert all(setting.enabled and not setting.options for setting in rule_settings.load().values())


def test_opening_the_page_writes_nothing() -> None:
    staff().get(PAGE)
    assert not RuleSetting.objects.exists()


def test_trying_shows_what_would_change_and_saves_nothing() -> None:
    factories.pending("Who has a dog called Otto? joe@example.com")
    visitor = staff()
    form = typed(visitor.get(PAGE), **{"words-hold-phrases": "otto", "first-post-posts": "7", "link-on": None})
    page = visitor.post(PAGE, {**form, "do": "try"})
    text = words(page)
    assert page.status_code == 200 and "Listed words: 0 now, 1 with the change" in text
    assert "dog called Otto" in text and "joe@" not in text
    assert typed(page)["first-post-posts"] == "7" and "link-on" not in typed(page)
    assert not RuleSetting.objects.exists() and not LogEntry.objects.filter(move=Act.RULES).exists()
    # And the page it showed can be saved as it is.
    visitor.post(PAGE, {**typed(page), "do": "save"})
    assert rule_settings.load()["words-hold"].options == {"phrases": ["otto"]}
    assert not rule_settings.load()["link"].enabled


def test_the_enter_key_tries_and_does_not_save() -> None:
    page = staff().get(PAGE)
    form = page.text[page.text.index(f'action="{PAGE}"') :]
    assert re.search(r"<button[^>]+>", form).group().count('value="try"') == 1  # type: ignore[union-attr] # else the test fails


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("first-post-posts", "0", "Write a whole number from 1 to 50."),
        ("first-post-posts", "many", "Write a whole number from 1 to 50."),
        ("first-post-posts", "", "Write a whole number from 1 to 50."),
        ("first-post-posts", "9" * 5_000, "Write a whole number from 1 to 50."),
        ("words-hold-phrases", "fine\n*", "“*” is too short"),
        ("words-hold-phrases", "a", "“a” is too short"),
        ("words-hold-phrases", "pump *", "has a * by itself at an end"),
        ("words-hold-phrases", "x" * 81, "is too long"),
        ("words-hold-phrases", "call joe@example.com", "Please leave out e-mail addresses"),
        ("words-hold-phrases", "\n".join(f"word{n}" for n in range(201)), "At most 200 lines"),
        ("link-trusted", "https://example.org/x", "is not a web site"),
        ("link-trusted", "example", "is not a web site"),
        ("shop-link-hosts", "*", "is not a web site"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_typed_is_lost(field: str, value: str, problem: str) -> None:
    visitor = staff()
    form = typed(visitor.get(PAGE), **{"speed-posts": "9", field: value})
    for do in ("try", "save"):
        page = visitor.post(PAGE, {**form, "do": do})
        assert page.status_code == 422 and "Error: Rules" in page.text
        beside = page.text[page.text.index(f'id="id_{field}_error"') :][:600]
        assert problem in html.unescape(beside)
        assert typed(page)[field].strip() == value and typed(page)["speed-posts"] == "9"
        # The rule with the error stands open: the summary's link must lead to something that can be seen.
        assert re.search(rf'<details id="rule-{field.rsplit("-", 1)[0]}" open>', page.text)
    assert not RuleSetting.objects.exists()


def test_half_a_form_switches_no_rule_off() -> None:
    visitor = staff()
    for missing in ("whole", "version"):
        page = visitor.post(PAGE, {**typed(visitor.get(PAGE), **{missing: None}), "do": "save"})
        assert page.status_code == 422 and "did not arrive in full" in words(page)
    assert visitor.post(PAGE, {"do": "save"}).status_code == 422
    assert not RuleSetting.objects.exists()


def test_the_second_of_two_is_told_and_keeps_what_was_typed() -> None:
    first, second = staff("Fay"), staff("Sal")
    mine, theirs = typed(first.get(PAGE), **{"link-on": None}), typed(second.get(PAGE), **{"speed-posts": "8"})
    first.post(PAGE, {**mine, "do": "save"})
    page = second.post(PAGE, {**theirs, "do": "save"})
    text = words(page)
    assert page.status_code == 409 and "Fay changed the rules" in text and "your changes are not saved" in text
    assert typed(page)["speed-posts"] == "8"
    assert "Many posts at once" in text and "Web addresses" in text
    assert rule_settings.load()["speed"].options == {} and not rule_settings.load()["link"].enabled
    # Told once, what is typed counts.
    second.post(PAGE, {**typed(page), "do": "save"})
    assert rule_settings.load()["speed"].options == {"posts": 8} and rule_settings.load()["link"].enabled


def test_a_broken_rule_is_shown_until_somebody_has_seen_it() -> None:
    RuleSetting.objects.create(rule="phone", fault="ZeroDivisionError", fault_at=timezone.now())
    visitor = staff()
    page = visitor.get(PAGE)
    assert "failed lately" in words(page) and "ZeroDivisionError" in page.text
    after = visitor.post(PAGE, {**typed(page, **{"speed-posts": "8"}), "seen": "phone"})
    assert after.status_code == 200 and "ZeroDivisionError" not in after.text
    assert typed(after)["speed-posts"] == "8" and "speed" not in rule_settings.load()
    assert visitor.post(PAGE, {**typed(after), "seen": "no-such-rule", "do": "try"}).status_code == 200


def test_lists_are_tidied_and_can_be_emptied() -> None:
    visitor = staff()
    form = typed(
        visitor.get(PAGE), **{"words-hold-phrases": "  Otto  \r\n\r\notto the   dog\nOtto\n", "words-spam-phrases": ""}
    )
    visitor.post(PAGE, {**form, "do": "save"})
    assert rule_settings.load()["words-hold"].options == {"phrases": ["Otto", "otto the dog"]}
    assert rule_settings.load()["words-spam"].options == {"phrases": []}


def test_the_way_there_is_shown_to_those_who_may_go_it() -> None:
    assert f'href="{PAGE}"' in staff().get("/moderation/log/").text
    assert f'href="{PAGE}"' not in Visitor(factories.moderator()).get("/moderation/").text
