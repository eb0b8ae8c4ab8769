"""Types of the rules: facts, options, rules, matches and verdicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# Further matches of the same rule tell a moderator nothing new.
MAX_MATCHES = 20


class Effect(StrEnum):
    """The consequence of a match; the same values as forum.models.Hold.Effect."""

    HOLD = "hold"
    NOTE = "note"
    URGENT = "urgent"


@dataclass(frozen=True)
class Facts:
    """Facts about the author and the time of posting, from forum.rules.facts: a rule never queries the database."""

    policy: str = "hold-all"
    is_guest: bool = True
    is_confirmed: bool = False
    is_physician: bool = False
    published_before: int = 0
    same_text_before: int = 0
    # Days since a moderator last sent back, refused or removed something of theirs; None for never.
    days_since_return: int | None = None
    # Posts within the last hour, without this one; guests are counted by the key of their address.
    posts_last_hour: int = 0
    is_sanctioned: bool = False
    # Of other people's posts in the last weeks, newest first.
    recent_fingerprints: tuple[int, ...] = ()


@dataclass(frozen=True)
class Match:
    """A match of a rule; `start` and `end` count code points, and are None when no part of the text is meant.

    `for_author` is the sentence that the author reads before sending.
    """

    rule: str
    sentence: str
    start: int | None = None
    end: int | None = None
    effect: Effect = Effect.HOLD
    for_author: str = ""


@dataclass(frozen=True)
class Fault:
    rule: str
    # The class of the error, or the time that the rule took.
    what: str


@dataclass(frozen=True)
class Verdict:
    matches: list[Match] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return any(match.effect != Effect.NOTE for match in self.matches)

    @property
    def is_urgent(self) -> bool:
        return any(match.effect == Effect.URGENT for match in self.matches)


@dataclass(frozen=True)
class Number:
    name: str
    label: str
    default: int
    low: int
    high: int


@dataclass(frozen=True)
class Phrases:
    name: str
    label: str
    default: tuple[str, ...]


@dataclass(frozen=True)
class Hosts:
    """Web sites that staff can edit, such as example.org; example.* means any ending."""

    name: str
    label: str
    default: tuple[str, ...]


Option = Number | Phrases | Hosts
Options = Mapping[str, Any]
Check = Callable[[str, Facts, Options], Iterable[Match]]


@dataclass(frozen=True)
class Rule:
    # Stored in the database, so it never changes.
    name: str
    title: str
    explanation: str
    check: Check
    options: tuple[Option, ...] = ()
    # Finds personal data: authors are warned before they send it.
    personal: bool = False
    # Applies to verified physicians' replies too.
    for_physicians: bool = False

    @property
    def defaults(self) -> dict[str, Any]:
        return {o.name: o.default if isinstance(o, Number) else list(o.default) for o in self.options}


@dataclass(frozen=True)
class Setting:
    """The settings of one rule; `options` holds only those that differ from the rule's defaults."""

    enabled: bool = True
    options: Options = field(default_factory=dict)


Config = Mapping[str, Setting]
Span = tuple[int, int]


def matches(
    rule: str, sentence: str, spans: Iterable[Span], effect: Effect = Effect.HOLD, for_author: str = ""
) -> list[Match]:
    found = sorted(set(spans))[:MAX_MATCHES]
    return [Match(rule, sentence, start, end, effect, for_author) for start, end in found]


def once(rule: str, sentence: str, applies: object) -> list[Match]:
    return [Match(rule, sentence)] if applies else []


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)
