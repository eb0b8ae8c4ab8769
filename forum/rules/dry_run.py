"""Trying settings of the rules on posts that are there: what would be held, and what no longer. Nothing is saved."""

from dataclasses import dataclass, field

from articles.text.markup import find_addresses, mask
from forum.models import Post
from forum.rules import RULES, Config, Effect, Facts, Match, Rule, Setting, facts, rule_settings
from forum.rules.judging import ask, setting_of
from forum.states import State

LAST = 500
EXAMPLES = 3
AROUND = 70
# A rule that fails this often is asked no more: 500 slow answers would keep staff waiting for minutes.
ENOUGH_FAULTS = 3


@dataclass(frozen=True)
class Example:
    """A post that a rule speaks about: its public id, and the words around the match, addresses masked."""

    public_id: str
    text: str


@dataclass
class Trial:
    """What one rule finds with the settings of today, and with those tried."""

    rule: Rule
    is_changed: bool
    now: int = 0
    then: int = 0
    faults: int = 0
    more: list[Example] = field(default_factory=list)
    fewer: list[Example] = field(default_factory=list)
    found: list[Example] = field(default_factory=list)


@dataclass
class DryRun:
    """What the settings would have meant for the posts tried."""

    posts: int
    held_now: int
    held_then: int
    trials: list[Trial]

    @property
    def changed(self) -> list[Trial]:
        """The rules whose settings differ."""
        return [trial for trial in self.trials if trial.is_changed]


def dry_run(config: Config, last: int = LAST) -> DryRun:
    """Judge the last posts with the settings of today and with `config`, in nine queries.

    What is known about an author is taken as it was when the post was sent. Posts taken back by their authors, and
    those whose text is deleted, are left out.
    """
    current = rule_settings.load()
    changed = rule_settings.differences(current, config)
    kept = Post.objects.exclude(state=State.WITHDRAWN).filter(purged_at=None).select_related("contact")
    posts = list(kept.order_by("-id")[:last])
    trials = [Trial(rule, rule.name in changed) for rule in RULES]
    held_now = held_then = 0
    for post, known in zip(posts, facts.gather_many(posts), strict=True):
        holds = [_try(trial, post, known, current, config) for trial in trials]
        held_now += any(now for now, _then in holds)
        held_then += any(then for _now, then in holds)
    return DryRun(len(posts), held_now, held_then, trials)


def _try(trial: Trial, post: Post, known: Facts, current: Config, config: Config) -> tuple[bool, bool]:
    """Ask one rule about one post, twice if it is set otherwise; return whether it holds now, and would then."""
    rule = trial.rule
    if known.is_physician and not rule.for_physicians:
        return False, False
    now = _found(trial, post, known, setting_of(rule, current))
    then = _found(trial, post, known, setting_of(rule, config)) if trial.is_changed else now
    trial.now += bool(now)
    trial.then += bool(then)
    if then and not now:
        _remember(trial.more, post, then)
    elif now and not then:
        _remember(trial.fewer, post, now)
    elif then:
        _remember(trial.found, post, then)
    return _holds(now), _holds(then)


def _found(trial: Trial, post: Post, known: Facts, setting: Setting) -> list[Match]:
    if trial.faults >= ENOUGH_FAULTS:
        return []
    found, fault = ask(trial.rule, post.source, known, setting)
    trial.faults += fault is not None
    return found


def _holds(found: list[Match]) -> bool:
    return any(match.effect != Effect.NOTE for match in found)


def _remember(examples: list[Example], post: Post, found: list[Match]) -> None:
    if len(examples) < EXAMPLES:
        examples.append(Example(post.public_id, _around(post.source, found[0])))


def _around(text: str, match: Match) -> str:
    """Return the words around a match. An address at the edge is taken in whole: half of one could not be masked."""
    start = max(0, (match.start or 0) - AROUND)
    end = min(len(text), (match.end or 0) + AROUND)
    for first, last in find_addresses(text):
        if first < end and start < last:
            start, end = min(start, first), max(end, last)
    return ("…" if start else "") + mask(text[start:end]) + ("…" if end < len(text) else "")
