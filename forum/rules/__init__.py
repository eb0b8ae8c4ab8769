"""Moderation rules: pure functions from a text, facts about its author and options to matches.

Most matches hold the post for a moderator. A rule that raises or takes too long holds it as well: a failed check never
publishes anything (DESIGN 3). docs/moderation-rules.md lists all rules.
"""

from forum.rules.authors import digest, fingerprint
from forum.rules.base import Config, Effect, Facts, Fault, Match, Rule, Setting, Verdict
from forum.rules.judging import judge, personal_data
from forum.rules.registry import BY_NAME, GROUPS, RULES

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
