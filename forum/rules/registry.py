"""Registry of all rules, in the groups and the order in which staff and moderators see them."""

from forum.rules import authors, identity, links, medicine, numbers, urgent, words
from forum.rules.base import Rule

GROUPS: dict[str, tuple[Rule, ...]] = {
    "Urgent": urgent.RULES,
    "Personal data": (
        *identity.ADDRESS_RULES,
        *numbers.NUMBER_RULES,
        *numbers.DATE_RULES,
        *identity.NAME_RULES,
    ),
    "Medicine": medicine.RULES,
    "Links": links.RULES,
    "Words": words.WORD_RULES,
    "Style": words.STYLE_RULES,
    "Repeats": authors.REPEAT_RULES,
    "People": authors.AUTHOR_RULES,
}
RULES: tuple[Rule, ...] = tuple(rule for rules in GROUPS.values() for rule in rules)
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
