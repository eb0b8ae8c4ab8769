"""Measuring the detectors: what should have been found in our own sentences and in Presidio's, and what was."""

import json
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings

from forum import rules
from tests.forum.rules.rows import TRUSTED

SENTENCES = Path(__file__).with_name("sentences.toml")
CORPUS = Path(settings.BASE_DIR).parent / "shared" / "corpora" / "pii" / "presidio.jsonl"
# Presidio's kinds, and the rules of ours that mean the same.
KINDS = {
    "email": {"address"},
    "phone": {"phone"},
    "tr_phone_number": {"phone"},
    "url": {"link", "bare-domain"},
}


@dataclass(frozen=True)
class Sentence:
    """A sentence, the rules that should speak up for it, and when it was written: before the detectors, after, or last."""

    text: str
    rules: frozenset[str]
    written: str = "before"


@dataclass
class Tally:
    """What was found rightly, wrongly, and not at all, by detector."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of what is there that was found."""
        return self.right.total() / ((self.right.total() + self.missed.total()) or 1)

    @property
    def precision(self) -> float:
        """The part of what was found that is there."""
        return self.right.total() / ((self.right.total() + self.wrong.total()) or 1)

    def table(self) -> str:
        """Return the figures by detector, and every miss and false alarm in words."""
        lines = [f"{'detector':18} there found wrong recall precision"]
        for name in sorted({*self.right, *self.wrong, *self.missed}):
            right, wrong, missed = self.right[name], self.wrong[name], self.missed[name]
            recall = f"{right / (right + missed):6.2f}" if right + missed else "     -"
            precision = f"{right / (right + wrong):9.2f}" if right + wrong else "        -"
            lines.append(f"{name:18} {right + missed:5} {right:5} {wrong:5} {recall} {precision}")
        there = self.right.total() + self.missed.total()
        sums = f"{there:5} {self.right.total():5} {self.wrong.total():5} {self.recall:6.3f} {self.precision:9.3f}"
        return "\n".join([*lines, f"{'all':18} {sums}", *self.notes])


def sentences() -> list[Sentence]:
    """Return our own sentences."""
    groups = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))["group"]
    return [
        Sentence(text, frozenset(group["rules"]), group.get("written", "before"))
        for group in groups
        for text in group["texts"]
    ]


def measure(chosen: list[Sentence]) -> Tally:
    """Ask every rule about each sentence, as written by a member whom the rules about people trust."""
    tally = Tally()
    for sentence in chosen:
        found = {match.rule for match in rules.judge(sentence.text, TRUSTED).matches}
        tally.right.update(found & sentence.rules)
        tally.wrong.update(found - sentence.rules)
        tally.missed.update(sentence.rules - found)
        tally.notes += [f"missed {name}: {sentence.text}" for name in sorted(sentence.rules - found)]
        tally.notes += [f"false alarm {name}: {sentence.text}" for name in sorted(found - sentence.rules)]
    return tally


def measure_corpus() -> Tally:
    """Ask the detectors of addresses, numbers and links about Presidio's sentences, span by span."""
    tally = Tally()
    for row in _rows():
        name = row["recognizer"]
        own = KINDS[name]
        matches = [m for m in rules.judge(row["text"], TRUSTED).matches if m.rule in own]
        found = [(m.start or 0, m.end or 0) for m in matches]
        wanted = [(start, end) for start, end in row["spans"]]
        missed = [span for span in wanted if not _touched(span, found)]
        wrong = [span for span in found if not _touched(span, wanted)]
        tally.right[name] += len(wanted) - len(missed)
        tally.missed[name] += len(missed)
        tally.wrong[name] += len(wrong)
        tally.notes += [f"missed {name} {row['text'][start:end]!r}: {row['text']}" for start, end in missed]
        tally.notes += [f"false alarm {name} {row['text'][start:end]!r}: {row['text']}" for start, end in wrong]
    return tally


def _rows() -> Iterator[dict]:
    if not CORPUS.exists():
        message = f"CORPUS MISSING: {CORPUS} - the detectors were NOT measured on it"
        warnings.warn(message, stacklevel=2)
        pytest.skip(message)
    yield from map(json.loads, CORPUS.read_text(encoding="utf-8").splitlines())


def _touched(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)
