"""The table of rules, and what holds for all of them: bad input, hostile input, failures, settings."""

import re
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from forum import rules
from forum.management.commands.seed_question import TEXT
from forum.models import Hold
from forum.rules import BY_NAME, RULES, Effect, Facts, Match, Rule, Setting, judging, registry
from forum.rules.base import Phrases
from forum.rules.text import MAX_PHRASES, phrase_problem
from tests.forum.rules.rows import HARMLESS, LONG, NEARLY, ROWS, TRUSTED, Row

pytestmark = pytest.mark.database_neutral

ABOUT_PEOPLE = {"every-post", "guest", "first-post", "unconfirmed", "sent-back", "sanction", "speed"}
PHYSICIANS = {
    *("address", "phone", "record-number", "birth-date", "home-address", "named-diagnosis"),
    *("repeat", "near-repeat", "shop-link", "sanction"),
}


def found(row: Row) -> list[Match]:
    """Return what the row's rule finds, asked as the site asks it."""
    verdict = rules.judge(row.text, row.known, {row.rule: Setting(True, row.options)})
    assert not verdict.faults
    return [match for match in verdict.matches if match.rule == row.rule]


def fails(row: Row) -> bool:
    """True when the row is not as the table says."""
    matches = found(row)
    if row.finds is None or not matches:
        return (row.finds is None) != (not matches)
    first = matches[0]
    words = "" if first.start is None else row.text[first.start : first.end]
    return words != row.finds or first.effect != row.effect


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.rule}: {row.text[:40]}")
def test_the_table(row: Row) -> None:
    assert not fails(row), found(row)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_rule_has_rows_for_both(name: str) -> None:
    outcomes = {row.finds is None for row in ROWS if row.rule == name}
    assert outcomes == {True, False}


@pytest.mark.parametrize("name", BY_NAME)
def test_switching_a_rule_off_is_noticed_by_its_rows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The breakage of each rule: it finds nothing any more."""
    silent = tuple(replace(rule, check=lambda *_: []) if rule.name == name else rule for rule in RULES)
    monkeypatch.setattr(registry, "RULES", silent)
    red = [row for row in ROWS if fails(row)]
    assert red and {row.rule for row in red} == {name}


@pytest.mark.parametrize("name", BY_NAME)
def test_a_rule_that_speaks_up_always_is_noticed_by_its_rows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loud = tuple(replace(r, check=lambda *_: [Match(name, "!")]) if r.name == name else r for r in RULES)
    monkeypatch.setattr(registry, "RULES", loud)
    assert any(fails(row) for row in ROWS if row.finds is None)


def test_the_first_question_raises_nothing_but_what_is_about_its_author() -> None:
    assert not rules.judge(TEXT, TRUSTED).matches
    assert {match.rule for match in rules.judge(TEXT, Facts()).matches} == {"every-post", "guest", "unconfirmed"}


def test_what_physicians_are_asked() -> None:
    assert {rule.name for rule in RULES if rule.for_physicians} == PHYSICIANS
    assert {rule.name for rule in RULES if rule.personal} <= PHYSICIANS


def test_the_lists_that_come_with_the_code_can_be_used() -> None:
    for rule in RULES:
        for option in rule.options:
            if isinstance(option, Phrases):
                assert not [problem for phrase in option.default if (problem := phrase_problem(phrase))]
                assert len(option.default) == len(set(option.default)) <= MAX_PHRASES


def test_the_guide_lists_every_rule_as_it_is() -> None:
    guide = (Path(settings.BASE_DIR) / "docs" / "moderation-rules.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in guide.splitlines() if line.count("|") == 8
    ]
    listed = {cells[0].strip("`"): cells for cells in rows if cells[0].startswith("`")}
    assert list(listed) == [rule.name for rule in RULES]
    for rule in RULES:
        _name, title, explanation, _effect, options, physicians, told = listed[rule.name]
        assert (title, explanation) == (rule.title, rule.explanation)
        assert (physicians, told) == tuple("yes" if flag else "no" for flag in (rule.for_physicians, rule.personal))
        numbers = [value if isinstance(value, int) else len(value) for value in rule.defaults.values()]
        assert [int(number) for number in re.findall(r": (\d+)", options)] == numbers


def test_names_and_sentences_fit_where_they_are_kept() -> None:
    assert len(BY_NAME) == len(RULES)
    sentence = Hold._meta.get_field("sentence").max_length or 0
    for rule in RULES:
        assert len(rule.name) <= 40 and len(rule.title) <= 60 and rule.explanation.endswith(".")
    for row in ROWS:
        for match in found(row):
            assert (
                match.sentence.endswith(".") and len(match.sentence) <= sentence and not match.for_author.endswith(".")
            )
            assert (match.for_author != "") == BY_NAME[match.rule].personal


def test_spans_lie_in_the_text_and_are_few() -> None:
    text = "call 020 7946 0958 or joe@example.com, see https://example.org \U0001f600 " * 60
    verdict = rules.judge(text, TRUSTED)
    assert {"phone", "address", "link"} <= {match.rule for match in verdict.matches}
    for match in verdict.matches:
        if match.start is not None and match.end is not None:
            assert 0 <= match.start < match.end <= len(text)
    for name in BY_NAME:
        assert sum(match.rule == name for match in verdict.matches) <= 20


# ---- Failures ----


def with_rule(monkeypatch: pytest.MonkeyPatch, check: Any) -> None:
    monkeypatch.setattr(registry, "RULES", (*RULES, Rule("extra", "Something more", "More.", check)))


def test_a_rule_that_raises_holds_the_post_and_is_remembered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def check(text: str, *_rest: Any) -> Iterable[Match]:
        raise ValueError(f"could not read {text}")

    with_rule(monkeypatch, check)
    verdict = rules.judge(HARMLESS, TRUSTED)
    assert verdict.holds and [(m.rule, m.effect) for m in verdict.matches] == [("broken-rule", Effect.HOLD)]
    assert "Something more" in verdict.matches[0].sentence
    assert [(fault.rule, fault.what) for fault in verdict.faults] == [("extra", "ValueError")]
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "rule_failed" in logged and "ValueError" in logged and "swimming" not in logged


def test_a_rule_that_fails_halfway_is_caught_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_arguments: Any) -> Iterable[Match]:
        yield Match("extra", "Found something.")
        raise RuntimeError

    with_rule(monkeypatch, check)
    assert [match.rule for match in rules.judge(HARMLESS, TRUSTED).matches] == ["broken-rule"]


def test_a_rule_that_takes_too_long_holds_the_post(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_arguments: Any) -> list[Match]:
        began = time.thread_time()
        while time.thread_time() - began < judging.MAX_SECONDS * 1.2:
            pass
        return []

    with_rule(monkeypatch, check)
    verdict = rules.judge(HARMLESS, TRUSTED)
    assert [match.rule for match in verdict.matches] == ["broken-rule"]
    assert verdict.faults[0].rule == "extra" and verdict.faults[0].what.startswith("took 0.1")


def test_a_busy_machine_breaks_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that has to wait for the processor is not slow itself."""

    def check(*_arguments: Any) -> list[Match]:
        time.sleep(judging.MAX_SECONDS * 2)
        return []

    with_rule(monkeypatch, check)
    assert not rules.judge(HARMLESS, TRUSTED).matches


def test_a_rule_that_is_switched_off_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(monkeypatch, lambda *_: 1 / 0)
    assert not rules.judge(HARMLESS, TRUSTED, {"extra": Setting(enabled=False)}).matches


def test_what_authors_are_told_survives_a_broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Rule("extra", "Something more", "More.", lambda *_: 1 / 0, personal=True)  # type: ignore[arg-type] # meant to fail
    monkeypatch.setattr(registry, "RULES", (broken, *RULES))
    told = rules.personal_data("I was born on 14 March 1961, ring 020 7946 0958. Look at https://example.org")
    assert {match.rule for match in told} == {"birth-date", "phone"}
    assert all(match.for_author for match in told)


# ---- Hostile input ----

PIECES = [
    *(
        "a",
        "1",
        "1 ",
        "12-",
        "+",
        "(415) ",
        "07700 900123 ",
        "@",
        "a@",
        "a.",
        "a.b",
        ".",
        "\n",
        "!",
        "?!",
        "-",
        "'",
        "`",
    ),
    *("http://", "www.", "a.com ", "my brother ", "My Aa ", "Aa ", "Aa Bb has ", "Mr Aa has ", "my sister, ", "HSP "),
    *(
        "i ",
        "you should ",
        "you should take ",
        "you should really really take a a a a a ",
        "take ",
        "stop the ",
        "10 mg ",
    ),
    *("born ", "1/1/", "1.1.1961 ", "first of may nineteen ", "jan ", "patient number ", "nhs no no no ", "is is is "),
    *("one ", "double ", "0o", "14 Aa ", "14 a ", "9 Aa Bb Cc Street", "p.o. box", "10.1000/", "pmid ", "1,000", "c.1"),
    *("pump ", "kill ", "kill myself ", "not ", "never ", "without ", "in withdrawal ", "if i was ", "too ", "all "),
    *(
        "\u0410A",
        "\u0430",
        "\u03b1a",
        "\U0001d5ef",
        "\ufdfa",
        "&#64;",
        "%40",
        " at ",
        " dot ",
        "\u202e",
        "\ud800",
        "\x00",
    ),
]

# What lets a pattern succeed at last, and what makes it try everything in vain.
ENDINGS = (" mg HSP 1!", "1")


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_text_keeps_a_rule_busy(rule: Rule) -> None:
    """100 milliseconds of the processor's time for 5,000 characters, whatever they are."""
    facts = replace(TRUSTED, recent_fingerprints=tuple(range(1_000)))
    slow = {}
    for piece, ending in product(PIECES, ENDINGS):
        text = (piece * 5_000)[:4_990] + ending
        # A second look, because even the processor's time is coarse.
        if _seconds(rule, text, facts) > judging.MAX_SECONDS < (again := _seconds(rule, text, facts)):
            slow[piece + ending] = again
    assert not slow


def _seconds(rule: Rule, text: str, facts: Facts) -> float:
    # Nothing read before: what other rules have read of the same text counts for each of them here.
    for cached in (value for module in _modules() for value in vars(module).values() if hasattr(value, "cache_clear")):
        if cached.__module__.startswith("forum.rules") and cached.__name__ != "_index":
            cached.cache_clear()
    began = time.process_time()
    list(rule.check(text, facts, rule.defaults))
    return time.process_time() - began


def _modules() -> list[Any]:
    from forum.rules import links, numbers
    from forum.rules import text as reading

    return [links, numbers, reading]


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "?", "\x00", "\ud800", "\ufdfa" * 50, "a" * 5_000, "\U0001f469\u200d\U0001f9bd" * 900]
)
def test_odd_texts_break_no_rule(text: str) -> None:
    verdict = rules.judge(text, TRUSTED)
    assert not verdict.faults
    rules.digest(text.encode("utf-8", "replace").decode())
    rules.fingerprint(text)


# ---- Fingerprints ----


def test_fingerprints_are_signed_64_bits_and_near_for_near_texts() -> None:
    first, near = rules.fingerprint(LONG), rules.fingerprint(NEARLY)
    assert first is not None and near is not None
    assert all(-(2**63) <= number < 2**63 for number in (first, near))
    assert 0 < (first ^ near).bit_count() <= 10
    assert rules.fingerprint("Too short to tell.") is None


def test_unrelated_texts_have_unrelated_fingerprints() -> None:
    texts = [
        f"{a} {b} and then {c} because of {b} or {a} with {c}, which {a} never did before {b} came"
        for a, b, c in [
            ("stairs", "pump", "rain"),
            ("walking", "winter", "boots"),
            ("music", "sleep", "coffee"),
            ("trains", "ramps", "tickets"),
        ]
    ]
    prints = [rules.fingerprint(text) or 0 for text in texts]
    distances = [(x ^ y).bit_count() for at, x in enumerate(prints) for y in prints[at + 1 :]]
    assert min(distances) > 12
