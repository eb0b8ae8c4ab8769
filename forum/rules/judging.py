"""Asking every rule about a text. Nothing is ever published because a check failed (DESIGN 3)."""

import logging
import time

from forum.rules import registry
from forum.rules.base import Config, Facts, Fault, Match, Rule, Setting, Verdict

log = logging.getLogger(__name__)

# A rule that takes longer holds the post, and is shown to staff as broken. Seconds.
SLOWEST = 0.1
BROKEN = "broken-rule"
# What holds an answer by mail whose sender is not proven (posting.Draft.doubt). No rule, and so not to be switched off.
BY_MAIL = "by-mail"
_DEFAULT = Setting()


def judge(text: str, facts: Facts, config: Config | None = None) -> Verdict:
    """Return everything that the rules found; a text that nothing holds may be published at once.

    A physician's reply is asked fewer questions. `config` says how staff have set the rules; without it they stand as
    the code has them.
    """
    verdict = Verdict()
    for rule in registry.RULES:
        if rule.for_physicians or not facts.is_physician:
            found, fault = ask(rule, text, facts, setting_of(rule, config))
            verdict.matches.extend(found)
            verdict.faults.extend([fault] if fault else [])
    return verdict


def personal_data(text: str, config: Config | None = None) -> list[Match]:
    """Return what in a text tells who somebody is, for its author to know; a rule that fails says nothing."""
    found: list[Match] = []
    for rule in registry.RULES:
        if rule.personal:
            matches, fault = ask(rule, text, Facts(), setting_of(rule, config))
            found += [] if fault else matches
    return found


def setting_of(rule: Rule, config: Config | None) -> Setting:
    """Return how a rule is set."""
    return (config or {}).get(rule.name, _DEFAULT)


def ask(rule: Rule, text: str, facts: Facts, setting: Setting) -> tuple[list[Match], Fault | None]:
    """Return what one rule found; when it fails or is too slow, a match that holds the post, and the fault."""
    if not setting.enabled:
        return [], None
    options = {**rule.defaults, **setting.options}
    try:
        found, seconds, worked = _timed(rule, text, facts, options)
        if seconds > SLOWEST >= worked:
            # It hardly worked for so long: the machine may have been busy with something else. Once more.
            found, seconds, worked = _timed(rule, text, facts, options)
    except Exception as error:  # any failure whatever must hold the post, not publish it
        # The class alone: a message may quote the text.
        return _broken(rule, type(error).__name__)
    if seconds > SLOWEST:
        return _broken(rule, f"took {seconds:.2f} seconds")
    return found, None


def _timed(rule: Rule, text: str, facts: Facts, options: dict[str, object]) -> tuple[list[Match], float, float]:
    """Return the matches, the seconds that went by, and those that the processor worked for them."""
    began, working = time.perf_counter(), time.thread_time()
    found = list(rule.check(text, facts, options))
    return found, time.perf_counter() - began, time.thread_time() - working


def _broken(rule: Rule, what: str) -> tuple[list[Match], Fault]:
    log.error("rule_failed", extra={"rule": rule.name, "error": what})
    return [Match(BROKEN, f"The check “{rule.title}” failed, so please look closely.")], Fault(rule.name, what)
