"""Running the rules on a text. A failed check holds the post, so it can never publish one (DESIGN 3)."""

import logging
import time

from forum.rules import registry
from forum.rules.base import Config, Facts, Fault, Match, Rule, Setting, Verdict

log = logging.getLogger(__name__)

# A rule that takes longer (seconds of CPU time) holds the post and is reported to staff as broken.
MAX_SECONDS = 0.1
BROKEN = "broken-rule"
# Holds an answer by mail whose sender is not authenticated (posts.submit.Draft). Not a rule, so it is always on.
BY_MAIL = "by-mail"
_DEFAULT = Setting()


def judge(text: str, facts: Facts, config: Config | None = None) -> Verdict:
    """Return everything that the rules found; a text that nothing holds may be published at once.

    Fewer rules apply to a physician's reply. Without `config`, every rule has its default settings.
    """
    verdict = Verdict()
    for rule in registry.RULES:
        if rule.for_physicians or not facts.is_physician:
            found, fault = ask(rule, text, facts, setting_of(rule, config))
            verdict.matches.extend(found)
            verdict.faults.extend([fault] if fault else [])
    return verdict


def personal_data(text: str, config: Config | None = None) -> list[Match]:
    """Return the personal data in a text, to warn its author before sending. A rule that fails is skipped."""
    found: list[Match] = []
    for rule in registry.RULES:
        if rule.personal:
            matches, fault = ask(rule, text, Facts(), setting_of(rule, config))
            found += [] if fault else matches
    return found


def setting_of(rule: Rule, config: Config | None) -> Setting:
    return (config or {}).get(rule.name, _DEFAULT)


def ask(rule: Rule, text: str, facts: Facts, setting: Setting) -> tuple[list[Match], Fault | None]:
    """Return the matches of one rule; if it fails or is too slow, a match that holds the post, and the fault."""
    if not setting.enabled:
        return [], None
    options = {**rule.defaults, **setting.options}
    # The thread's own time: by the clock, an innocent post on a busy machine would be held.
    began = time.thread_time()
    try:
        found = list(rule.check(text, facts, options))
    except Exception as error:  # every failure must hold the post, or a broken rule would publish it
        # Only the class, since the message may quote the text.
        return _broken(rule, type(error).__name__)
    seconds = time.thread_time() - began
    if seconds > MAX_SECONDS:
        return _broken(rule, f"took {seconds:.2f} seconds")
    return found, None


def _broken(rule: Rule, what: str) -> tuple[list[Match], Fault]:
    log.error("rule_failed", extra={"rule": rule.name, "error": what})
    return [Match(BROKEN, f"The check “{rule.title}” failed. Please read this post carefully.")], Fault(rule.name, what)
