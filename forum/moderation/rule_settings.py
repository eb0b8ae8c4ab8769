"""How staff have set the rules: reading, saving, and which rule failed lately."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from forum.models import LogEntry, RuleSetting
from forum.moderation import log
from forum.moderation.rules import BY_NAME, RULES, Config, Fault, Rule, Setting
from forum.moderation.rules.base import Number, Option
from forum.states import Act

if TYPE_CHECKING:
    from accounts.models import User


class Stale(Exception):
    """Somebody else has changed the rules since the page was opened; `entry` says who."""

    def __init__(self, entry: LogEntry | None) -> None:
        super().__init__("The rules have changed meanwhile.")
        self.entry = entry


@dataclass(frozen=True)
class Broken:
    """That a rule failed: the class of the error or the time it took, and when."""

    what: str
    at: datetime | None


@dataclass(frozen=True)
class Current:
    """The settings as they stand: for the rules, for the page, and their version to save against."""

    config: Config
    broken: Mapping[str, Broken]

    @property
    def version(self) -> str:
        """A short hash of every switch and option."""
        return version_of(self.config)


def load() -> Config:
    """Return how the rules are set; one query. A rule without a row stands as the code has it."""
    return read().config


def read() -> Current:
    """Return the settings and the faults; one query."""
    return _current(RuleSetting.objects.all())


def save(config: Config, *, actor: "User", version: str) -> list[str]:
    """Store the settings and write what changed into the log; return the names of the rules that changed.

    Raises Stale when the settings are no longer those of `version`: of two people who save, one is told.
    """
    with transaction.atomic():
        rows = _locked_rows()
        now = _current(rows.values()).config
        changes = differences(now, config)
        # A second click on Save finds everything as it wants it.
        if changes and version_of(now) != version:
            raise Stale(_last_change())
        for name in changes:
            row, setting = rows[name], config[name]
            row.enabled, row.options, row.changed_at = setting.enabled, _stored(name, setting), timezone.now()
            row.save(update_fields=["enabled", "options", "changed_at"])
        if changes:
            log.act(Act.RULES, actor=actor, **changes)
    return list(changes)


def note_faults(faults: Iterable[Fault]) -> None:
    """Remember for staff that rules failed; inside the transaction of the post that they were asked about."""
    for fault in faults:
        values = {"fault": fault.what[:200], "fault_at": timezone.now()}
        if not RuleSetting.objects.filter(rule=fault.rule).update(**values):
            RuleSetting.objects.bulk_create([RuleSetting(rule=fault.rule, **values)], ignore_conflicts=True)


def clear_fault(name: str, *, actor: "User") -> bool:
    """Forget that a rule failed, because staff have seen it; False when it had not."""
    with transaction.atomic():
        row = RuleSetting.objects.select_for_update().filter(rule=name).exclude(fault="").first()
        if row is None:
            return False
        change: dict[str, Any] = {name: [{"fault": row.fault}, {"fault": ""}]}
        log.act(Act.RULES, actor=actor, **change)
        row.fault, row.fault_at = "", None
        row.save(update_fields=["fault", "fault_at"])
    return True


def full(rule: Rule, setting: Setting) -> dict[str, Any]:
    """Return the switch and every option of a rule, with the code's values where staff have set none."""
    return {"on": setting.enabled, **rule.defaults, **setting.options}


def differences(old: Config, new: Config) -> dict[str, Any]:
    """Return for each changed rule what was and what will be; a rule that `new` does not name stays."""
    changes: dict[str, Any] = {}
    for rule in RULES:
        before = full(rule, old.get(rule.name, Setting()))
        after = full(rule, new[rule.name]) if rule.name in new else before
        changed = [key for key in before if before[key] != after[key]]
        if changed:
            changes[rule.name] = [{key: side[key] for key in changed} for side in (before, after)]
    return changes


def version_of(config: Config) -> str:
    """Return a short hash of every switch and option."""
    values = {rule.name: full(rule, config.get(rule.name, Setting())) for rule in RULES}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def is_usable(option: Option, value: object) -> bool:
    """True when a stored value fits the option as the code has it today."""
    if isinstance(option, Number):
        return isinstance(value, int) and not isinstance(value, bool) and option.low <= value <= option.high
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _current(rows: Iterable[RuleSetting]) -> Current:
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


def _stored(name: str, setting: Setting) -> dict[str, Any]:
    """Return the options that differ from the code's: the others follow the code when it changes."""
    defaults = BY_NAME[name].defaults
    return {key: value for key, value in setting.options.items() if value != defaults.get(key)}


def _locked_rows() -> dict[str, RuleSetting]:
    """Return a row for every rule, so that there is something to lock from the first time on."""
    RuleSetting.objects.bulk_create([RuleSetting(rule=rule.name) for rule in RULES], ignore_conflicts=True)
    return {row.rule: row for row in RuleSetting.objects.select_for_update().order_by("rule")}


def _last_change() -> LogEntry | None:
    return LogEntry.objects.filter(move=Act.RULES).select_related("actor").order_by("-id").first()
