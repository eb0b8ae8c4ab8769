"""All rules, in the groups and the order in which staff and moderators see them."""

from forum.moderation.rules import (
    dates,
    links,
    manner,
    medicine,
    names,
    numbers,
    people,
    places,
    repeats,
    urgent,
    wording,
)
from forum.moderation.rules.base import Rule

GROUPS: dict[str, tuple[Rule, ...]] = {
    "Urgent": urgent.RULES,
    "Personal data": (*places.RULES, *numbers.RULES, *dates.RULES, *names.RULES),
    "Medicine": medicine.RULES,
    "Links": links.RULES,
    "Words": wording.RULES,
    "Manner": manner.RULES,
    "Repeats": repeats.RULES,
    "People": people.RULES,
}
RULES: tuple[Rule, ...] = tuple(rule for rules in GROUPS.values() for rule in rules)
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
