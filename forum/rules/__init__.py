"""Rules: pure functions (text, facts, options) -> matches. Most matches hold the post for a moderator.

A rule that raises, or is too slow, holds the post too: nothing is ever published because a check failed (DESIGN 3).
docs/moderation-rules.md lists them all.
"""

from forum.rules.base import Config, Effect, Facts, Fault, Match, Rule, Setting, Verdict
from forum.rules.judging import judge, personal_data
from forum.rules.registry import BY_NAME, GROUPS, RULES
from forum.rules.repeats import digest, fingerprint

__all__ = [
    "BY_NAME",
    "GROUPS",
    "RULES",
    "Config",
    "Effect",
    "Facts",
    "Fault",
    "Match",
    "Rule",
    "Setting",
    "Verdict",
    "digest",
    "fingerprint",
    "judge",
    "personal_data",
]
