"""Dry run of rule settings on existing posts: which would be held, and which would not any more. Nothing is saved."""

from dataclasses import dataclass, field

from articles.text.markup import find_addresses, mask
from forum.models import Post
from forum.rules import RULES, Config, Effect, Facts, Match, Rule, Setting, facts, rule_settings
from forum.rules.judging import ask, setting_of
from forum.states import State

POST_COUNT = 500
MAX_EXAMPLES = 3
CONTEXT_LENGTH = 70
# After this many failures a rule is skipped: 500 timeouts would keep staff waiting for minutes.
MAX_FAULTS = 3


@dataclass(frozen=True)
class Example:
    public_id: str
    text: str


@dataclass
class Trial:
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
    posts: int
    held_now: int
    held_then: int
    trials: list[Trial]

    @property
    def changed(self) -> list[Trial]:
        return [trial for trial in self.trials if trial.is_changed]


def dry_run(config: Config, last: int = POST_COUNT) -> DryRun:
    """Judge the last posts with the present settings and with `config`, in nine queries.

    Facts about an author are those of the time when the post was sent. Posts that their authors withdrew and posts with
    deleted text are left out.
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
    if trial.faults >= MAX_FAULTS:
        return []
    found, fault = ask(trial.rule, post.source, known, setting)
    trial.faults += fault is not None
    return found


def _holds(found: list[Match]) -> bool:
    return any(match.effect != Effect.NOTE for match in found)


def _remember(examples: list[Example], post: Post, found: list[Match]) -> None:
    if len(examples) < MAX_EXAMPLES:
        examples.append(Example(post.public_id, _around(post.source, found[0])))


def _around(text: str, match: Match) -> str:
    """Return the text around a match. It includes every address whole, since half an address could not be masked."""
    start = max(0, (match.start or 0) - CONTEXT_LENGTH)
    end = min(len(text), (match.end or 0) + CONTEXT_LENGTH)
    for first, last in find_addresses(text):
        if first < end and start < last:
            start, end = min(start, first), max(end, last)
    return ("…" if start else "") + mask(text[start:end]) + ("…" if end < len(text) else "")
