"""Registry of all rules, in the groups and the order in which staff and moderators see them."""

from forum.rules import authors, dates, links, medicine, names, numbers, places, repeats, tone, urgent, words
from forum.rules.base import Rule

GROUPS: dict[str, tuple[Rule, ...]] = {
    "Urgent": urgent.RULES,
    "Personal data": (*places.RULES, *numbers.RULES, *dates.RULES, *names.RULES),
    "Medicine": medicine.RULES,
    "Links": links.RULES,
    "Words": words.RULES,
    "Style": tone.RULES,
    "Repeats": repeats.RULES,
    "People": authors.RULES,
}
RULES: tuple[Rule, ...] = tuple(rule for rules in GROUPS.values() for rule in rules)
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
