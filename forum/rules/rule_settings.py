"""Stored settings of the rules, and the rules that failed recently. forum.moderation.rule_changes writes them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from forum.models import RuleSetting
from forum.rules import BY_NAME, RULES, Config, Fault, Rule, Setting
from forum.rules.base import Number, Option


@dataclass(frozen=True)
class Broken:
    what: str
    at: datetime | None


@dataclass(frozen=True)
class Current:
    config: Config
    broken: Mapping[str, Broken]

    @property
    def version(self) -> str:
        return version_of(self.config)


def load() -> Config:
    """Return the settings; a rule without a row has its defaults."""
    return read().config


def read() -> Current:
    return settings_of(RuleSetting.objects.all())


def note_faults(faults: Iterable[Fault]) -> None:
    """Record failures of rules for staff, in the transaction that saves the post."""
    for fault in faults:
        values = {"fault": fault.what[:200], "fault_at": timezone.now()}
        if not RuleSetting.objects.filter(rule=fault.rule).update(**values):
            RuleSetting.objects.bulk_create([RuleSetting(rule=fault.rule, **values)], ignore_conflicts=True)


def full(rule: Rule, setting: Setting) -> dict[str, Any]:
    return {"on": setting.enabled, **rule.defaults, **setting.options}


def differences(old: Config, new: Config) -> dict[str, Any]:
    """Return {rule: [before, after]} for the changed rules; a rule that `new` does not name is unchanged."""
    changes: dict[str, Any] = {}
    for rule in RULES:
        before = full(rule, old.get(rule.name, Setting()))
        after = full(rule, new[rule.name]) if rule.name in new else before
        changed = [key for key in before if before[key] != after[key]]
        if changed:
            changes[rule.name] = [{key: side[key] for key in changed} for side in (before, after)]
    return changes


def version_of(config: Config) -> str:
    values = {rule.name: full(rule, config.get(rule.name, Setting())) for rule in RULES}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def is_usable(option: Option, value: object) -> bool:
    if isinstance(option, Number):
        return isinstance(value, int) and not isinstance(value, bool) and option.low <= value <= option.high
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def settings_of(rows: Iterable[RuleSetting]) -> Current:
    config, broken = {}, {}
    for row in rows:
        rule = BY_NAME.get(row.rule)
        if rule is None:
            continue
        stored = row.options if isinstance(row.options, dict) else {}
        usable = {o.name: stored[o.name] for o in rule.options if o.name in stored and is_usable(o, stored[o.name])}
        config[row.rule] = Setting(row.enabled, usable)
        if row.fault:
            broken[row.rule] = Broken(row.fault, row.fault_at)
    return Current(config, broken)
