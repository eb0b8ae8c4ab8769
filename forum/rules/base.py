"""What rules are made of: text, facts and options in, matches out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# More spans of one kind tell a moderator nothing new.
MOST_MATCHES = 20


class Effect(StrEnum):
    """What follows from a match; the same words as in forum.models.Hold."""

    HOLD = "hold"
    NOTE = "note"
    URGENT = "urgent"


@dataclass(frozen=True)
class Facts:
    """What is known about the author and the moment; gathered by forum.rules.facts: rules ask no database."""

    policy: str = "hold-all"
    is_guest: bool = True
    is_confirmed: bool = False
    is_physician: bool = False
    published_before: int = 0
    same_text_before: int = 0
    # Days since a moderator last sent back, refused or removed something of theirs; None for never.
    days_since_return: int | None = None
    # What they sent within the last hour, this post not counted; guests by a key of their address.
    posts_last_hour: int = 0
    is_sanctioned: bool = False
    # Of other people's posts of the last weeks, newest first.
    recent_fingerprints: tuple[int, ...] = ()


@dataclass(frozen=True)
class Match:
    """What a rule found: the rule, a sentence for moderators, and where in the text (code points).

    `for_author` says the same to whoever wrote it, where they are told before they send it.
    """

    rule: str
    sentence: str
    start: int | None = None
    end: int | None = None
    effect: Effect = Effect.HOLD
    for_author: str = ""


@dataclass(frozen=True)
class Fault:
    """A rule that failed or was too slow: the rule, and the class of the error or the time it took."""

    rule: str
    what: str


@dataclass(frozen=True)
class Verdict:
    """Everything that the rules found in a text."""

    matches: list[Match] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """True when a moderator has to read the post first."""
        return any(match.effect != Effect.NOTE for match in self.matches)

    @property
    def is_urgent(self) -> bool:
        """True when a moderator should read the post at once."""
        return any(match.effect == Effect.URGENT for match in self.matches)


@dataclass(frozen=True)
class Number:
    """A whole number that staff may set, within bounds."""

    name: str
    label: str
    default: int
    low: int
    high: int


@dataclass(frozen=True)
class Phrases:
    """A list of words and phrases that staff may edit (see rules.phrases for what * means)."""

    name: str
    label: str
    default: tuple[str, ...]


@dataclass(frozen=True)
class Hosts:
    """A list of web sites that staff may edit, such as example.org; example.* means with any ending."""

    name: str
    label: str
    default: tuple[str, ...]


Option = Number | Phrases | Hosts
Options = Mapping[str, Any]
Check = Callable[[str, Facts, Options], Iterable[Match]]


@dataclass(frozen=True)
class Rule:
    """One rule: its name (it stands in the database), its words for staff, its options, and the function itself."""

    name: str
    title: str
    explanation: str
    check: Check
    options: tuple[Option, ...] = ()
    # About data that tells who somebody is: authors are told before they send it.
    personal: bool = False
    # Applies to verified physicians' replies too.
    for_physicians: bool = False

    @property
    def defaults(self) -> dict[str, Any]:
        """The options as the code has them: numbers, and lists of text."""
        return {o.name: o.default if isinstance(o, Number) else list(o.default) for o in self.options}


@dataclass(frozen=True)
class Setting:
    """How staff have set one rule: on or off, and those options that differ from the defaults."""

    enabled: bool = True
    options: Options = field(default_factory=dict)


Config = Mapping[str, Setting]
Span = tuple[int, int]


def matches(
    rule: str, sentence: str, spans: Iterable[Span], effect: Effect = Effect.HOLD, for_author: str = ""
) -> list[Match]:
    """Return one match for each of the first spans."""
    found = sorted(set(spans))[:MOST_MATCHES]
    return [Match(rule, sentence, start, end, effect, for_author) for start, end in found]


def once(rule: str, sentence: str, applies: object) -> list[Match]:
    """Return one match without a place in the text, or none."""
    return [Match(rule, sentence)] if applies else []


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """True when the span shares a character with any of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)
