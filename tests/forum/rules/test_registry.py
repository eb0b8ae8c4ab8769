"""Recall and precision of the detectors. The figures of docs/moderation-rules.md:

script/test --quick tests/forum/rules/test_registry.py -rP
"""

import pytest

from tests.forum.rules.detectors import Sentence, measure, measure_corpus, sentences

pytestmark = pytest.mark.database_neutral

ENOUGH = 0.95


def test_the_detectors_on_sentences_of_our_own() -> None:
    everything = sentences()
    for written in ("before", "after", "last"):
        part = measure([sentence for sentence in everything if sentence.written == written])
        print(f"written {written:6}: recall {part.recall:.3f}, precision {part.precision:.3f}")
    tally = measure(everything)
    print(tally.table())
    assert tally.recall >= ENOUGH and tally.precision >= ENOUGH


def test_the_detectors_on_presidios_sentences() -> None:
    tally = measure_corpus()
    print(tally.table())
    assert tally.recall >= ENOUGH and tally.precision >= ENOUGH


def test_no_detector_is_much_worse_than_the_others() -> None:
    """The sum must not hide one that fails."""
    tally = measure(sentences())
    for name in {*tally.right, *tally.missed}:
        assert tally.right[name] >= 0.75 * (tally.right[name] + tally.missed[name]), f"{name}: recall"
        assert tally.right[name] >= 0.75 * (tally.right[name] + tally.wrong[name]), f"{name}: precision"


def test_the_sentences_are_many_and_half_of_them_are_innocent() -> None:
    all_of_them = sentences()
    innocent = [sentence for sentence in all_of_them if not sentence.rules]
    assert len({sentence.text for sentence in all_of_them}) == len(all_of_them) >= 200
    assert len(innocent) * 2 >= len(all_of_them)


def test_the_measure_notices_a_silent_detector_and_a_loud_one() -> None:
    """The control: what is not found counts as missed, what is found in vain as wrong."""
    one = [sentence for sentence in sentences() if sentence.rules == {"phone"}][:4]
    silent = measure([Sentence("Can I go swimming?", sentence.rules) for sentence in one])
    loud = measure([Sentence(sentence.text, frozenset()) for sentence in one])
    assert silent.recall == 0 and silent.missed["phone"] == 4
    assert loud.precision == 0 and loud.wrong["phone"] == 4
