"""The library of reasons: in plain words, staff's own once they changed it, and every change is on record."""

import math
import re
from typing import Any

import pytest
from django.core.management import call_command

from accounts import roles
from articles.text.markup import find_addresses
from forum.models import LogEntry, Reason
from forum.moderation import reasons
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ADMIN = "/admin/forum/reason/"


def syllables(word: str) -> int:
    """Return about how many syllables a word has: groups of vowels, without a silent end."""
    word = re.sub(r"(?:[^laeiouy]es|[^dt]ed|[^laeiouy]e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def smog(text: str) -> float:
    """Return the SMOG grade: the years of school that it takes to understand the text."""
    sentences = max(1, len(re.findall(r"[.!?]+(?:\s|$)", text)))
    long_words = [word for word in re.findall(r"[A-Za-z’]+", text) if syllables(word) >= 3]
    return 1.043 * math.sqrt(len(long_words) * 30 / sentences) + 3.1291


def staff() -> Visitor:
    """Return somebody of the staff."""
    return Visitor(factories.person("", roles.STAFF, is_staff=True))


def form(**fields: Any) -> dict[str, Any]:
    """Return what the admin's form sends."""
    good = {"code": "own-words", "move": "return", "title": "In own words", "text": "Please say it in your own words."}
    return {**good, "position": "5", "is_active": "on", **fields}


def test_the_site_comes_with_reasons_for_each_decision_that_needs_one() -> None:
    assert Reason.objects.count() == len(reasons.DEFAULTS) >= 14
    for move in (Move.RETURN, Move.REJECT, Move.REMOVE):
        offered = reasons.choices_for(move)
        assert len(offered) >= 3 and {reason.move for reason in offered} == {move}
    assert reasons.choices_for(Move.PUBLISH) == []


@pytest.mark.parametrize("entry", reasons.DEFAULTS, ids=lambda entry: entry.code)
def test_each_reason_is_easy_to_read(entry: reasons.Default) -> None:
    assert smog(entry.text) <= 9
    assert all(len(sentence.split()) <= 25 for sentence in re.split(r"[.!?:]\s", entry.text))
    assert not find_addresses(entry.text)
    Reason(**entry._asdict()).full_clean(exclude=["code"])


def test_the_measure_of_reading_knows_hard_words_from_easy_ones() -> None:
    hard = "Unfortunately your contribution violates applicable regulations concerning pharmaceutical advertisement."
    assert smog(hard) > 13 > 9 > smog("We do not print that here. Please take it out.")


def test_choosing_costs_one_query_and_leaves_out_what_is_switched_off(django_assert_num_queries: Any) -> None:
    Reason.objects.filter(code="unclear").update(is_active=False)
    Reason.objects.filter(code="long-quote").update(position=0)
    with django_assert_num_queries(1):
        codes = [reason.code for reason in reasons.choices_for(Move.RETURN)]
    assert codes[0] == "long-quote" and "unclear" not in codes


def test_what_staff_changed_survives_the_next_migrate() -> None:
    Reason.objects.filter(code="unclear").update(text="Our own words.", is_active=False)
    Reason.objects.filter(code="long-quote").delete()
    call_command("migrate", verbosity=0)
    changed = Reason.objects.get(code="unclear")
    assert (changed.text, changed.is_active) == ("Our own words.", False)
    assert Reason.objects.filter(code="long-quote").exists()
    assert Reason.objects.count() == len(reasons.DEFAULTS)


def test_staff_add_and_change_reasons_and_every_change_is_in_the_log() -> None:
    visitor = staff()
    assert visitor.post(f"{ADMIN}add/", form()).status_code == 302
    reason = Reason.objects.get(code="own-words")
    added = LogEntry.objects.get(move="reasons")
    assert added.details["code"] == [None, "own-words"] and added.details["text"] == [None, reason.text]
    changed = form(code="another", text="Your own words, please.", is_active="")
    assert visitor.post(f"{ADMIN}{reason.pk}/change/", changed).status_code == 302
    reason.refresh_from_db()
    assert (reason.code, reason.text, reason.is_active) == ("own-words", "Your own words, please.", False)
    entry = LogEntry.objects.filter(move="reasons").latest("pk")
    assert entry.details == {
        "code": ["own-words", "own-words"],
        "text": ["Please say it in your own words.", "Your own words, please."],
        "is_active": [True, False],
    }
    visitor.post(f"{ADMIN}{reason.pk}/change/", changed)
    assert LogEntry.objects.filter(move="reasons").count() == 2  # nothing changed, nothing to record


def test_a_reason_is_never_deleted() -> None:
    reason = Reason.objects.all()[0]
    visitor = staff()
    assert visitor.post(f"{ADMIN}{reason.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [reason.pk], "post": "yes"}
    visitor.post(ADMIN, chosen)
    assert Reason.objects.filter(pk=reason.pk).exists()


@pytest.mark.parametrize(
    "fields",
    [{"text": "Write to ann@example.org"}, {"text": ""}, {"title": ""}, {"move": "spam"}, {"code": "Not a slug"}],
)
def test_bad_input_changes_nothing(fields: dict[str, str]) -> None:
    before = list(Reason.objects.values())
    assert staff().post(f"{ADMIN}add/", form(**fields)).status_code == 200
    assert list(Reason.objects.values()) == before
    assert not LogEntry.objects.filter(move="reasons").exists()


def test_moderators_do_not_edit_the_library() -> None:
    assert Visitor(factories.moderator()).get(ADMIN).status_code in {302, 403}
    assert Visitor(factories.moderator(is_staff=True)).get(ADMIN).status_code == 403
