"""Changes of rule settings, each with an entry in the log."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from forum import audit
from forum.models import LogEntry, RuleSetting
from forum.rules import BY_NAME, RULES, Config, Setting
from forum.rules.rule_settings import differences, settings_of, version_of
from forum.states import Act

if TYPE_CHECKING:
    from accounts.models import User


class Stale(Exception):
    """The rules were changed after the page was opened; `entry` is the latest change."""

    def __init__(self, entry: LogEntry | None) -> None:
        super().__init__("The rules have been changed in the meantime.")
        self.entry = entry


def save(config: Config, *, actor: "User", version: str) -> list[str]:
    """Store the settings and log the changes; return the names of the changed rules.

    Raises Stale when the stored settings are no longer those of `version`, so that no change by a colleague is lost.
    """
    with transaction.atomic():
        rows = _locked_rows()
        now = settings_of(rows.values()).config
        changes = differences(now, config)
        # A second click on Save changes nothing, so it is not stale.
        if changes and version_of(now) != version:
            raise Stale(_last_change())
        for name in changes:
            row, setting = rows[name], config[name]
            row.enabled, row.options, row.changed_at = setting.enabled, _stored(name, setting), timezone.now()
            row.save(update_fields=["enabled", "options", "changed_at"])
        if changes:
            audit.act(Act.RULES, actor=actor, **changes)
    return list(changes)


def clear_fault(name: str, *, actor: "User") -> bool:
    with transaction.atomic():
        row = RuleSetting.objects.select_for_update().filter(rule=name).exclude(fault="").first()
        if row is None:
            return False
        change: dict[str, Any] = {name: [{"fault": row.fault}, {"fault": ""}]}
        audit.act(Act.RULES, actor=actor, **change)
        row.fault, row.fault_at = "", None
        row.save(update_fields=["fault", "fault_at"])
    return True


def _stored(name: str, setting: Setting) -> dict[str, Any]:
    """Return the options that differ from the defaults, so that the others follow a change of the defaults."""
    defaults = BY_NAME[name].defaults
    return {key: value for key, value in setting.options.items() if value != defaults.get(key)}


def _locked_rows() -> dict[str, RuleSetting]:
    """Lock the rows of all rules; missing rows are created first, so that there is something to lock."""
    RuleSetting.objects.bulk_create([RuleSetting(rule=rule.name) for rule in RULES], ignore_conflicts=True)
    return {row.rule: row for row in RuleSetting.objects.select_for_update().order_by("rule")}


def _last_change() -> LogEntry | None:
    return LogEntry.objects.filter(move=Act.RULES).select_related("actor").order_by("-id").first()
