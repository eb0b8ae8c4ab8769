"""Rules form: a switch and the options of every rule, on one page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from articles.text import cleaning
from articles.text.markup import find_addresses
from forum.rules import GROUPS, RULES, Config, Rule, Setting
from forum.rules.base import Hosts, Number, Option
from forum.rules.facts import Broken, Current, full
from forum.rules.text import MAX_PHRASES, phrase_problem

_HOST = re.compile(r"(?:\*\.)?[a-z0-9][a-z0-9\-]{0,62}(?:\.[a-z0-9][a-z0-9\-]{0,62}){0,5}(?:\.\*)?")
PHRASES_HELP = "* at the end of a word: any ending. * by itself: up to four other words."
HOSTS_HELP = "Such as example.org, with everything below it; example.* for any ending."
NOT_WHOLE = "This form did not arrive in full. Nothing was changed: please send it again."


class LinesField(forms.CharField):
    def __init__(self, *, hosts: bool, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(required=False, widget=widget, **kwargs)
        self.hosts = hosts

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = (" ".join(line.split()) for line in cleaning.clean(str(value or "")).split("\n"))
        entries = list(dict.fromkeys(filter(None, lines)))
        if self.hosts:
            entries = [entry.lower() for entry in entries]
        if len(entries) > MAX_PHRASES:
            raise ValidationError(f"At most {MAX_PHRASES} lines, please: these are {len(entries)}.")
        problems = [problem for entry in entries if (problem := self._problem(entry))]
        if problems:
            raise ValidationError(problems[:5])
        return entries

    def _problem(self, entry: str) -> str:
        if find_addresses(entry):
            return "Please leave out e-mail addresses: the settings are kept in the log for good."
        if not self.hosts:
            return phrase_problem(entry)
        usable = _HOST.fullmatch(entry) and "." in entry
        return (
            ""
            if usable
            else f"“{entry[:40]}” is not a web site: write it like example.org, without http and without a path."
        )


@dataclass(frozen=True)
class RuleFields:
    rule: Rule
    switch: forms.BoundField
    options: list[forms.BoundField]
    broken: Broken | None
    is_on: bool

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.options)


class RulesForm(forms.Form):
    """`version` is the version of the settings that the page showed."""

    version = forms.CharField(max_length=40, widget=forms.HiddenInput, error_messages={"required": NOT_WHOLE})
    # Last on the page: a browser omits switches that are off, so a truncated form would switch rules off.
    whole = forms.CharField(max_length=1, widget=forms.HiddenInput, initial="1", error_messages={"required": NOT_WHOLE})

    def __init__(self, *args: Any, current: Current, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        self.fields["version"].initial = current.version
        for rule in RULES:
            values = full(rule, current.config.get(rule.name, Setting()))
            switch = forms.BooleanField(label=f"Use this rule: {rule.title}", required=False, initial=values["on"])
            self.fields[_name(rule, "on")] = switch
            for option in rule.options:
                self.fields[_name(rule, option.name)] = _field(rule, option, values[option.name])

    def config(self) -> Config:
        values = self.cleaned_data
        return {
            rule.name: Setting(
                bool(values[_name(rule, "on")]), {o.name: values[_name(rule, o.name)] for o in rule.options}
            )
            for rule in RULES
        }

    def groups(self) -> Iterator[tuple[str, list[RuleFields]]]:
        for title, rules in GROUPS.items():
            yield title, [self._rule(rule) for rule in rules]

    def take_version(self, current: Current) -> None:
        """Accept the form on top of the current settings, once the page shows what has changed in them."""
        self.current = current
        self.data = {**{key: self.data[key] for key in self.data}, "version": current.version}

    def _rule(self, rule: Rule) -> RuleFields:
        switch = self[_name(rule, "on")]
        options = [self[_name(rule, option.name)] for option in rule.options]
        return RuleFields(rule, switch, options, self.current.broken.get(rule.name), bool(switch.value()))


def _name(rule: Rule, option: str) -> str:
    return f"{rule.name}-{option}"


def _field(rule: Rule, option: Option, value: Any) -> forms.Field:
    label = f"{option.label} ({rule.title})"
    if isinstance(option, Number):
        wrong = f"Write a whole number from {option.low} to {option.high}."
        return forms.IntegerField(
            label=label,
            min_value=option.low,
            max_value=option.high,
            initial=value,
            help_text=f"From {option.low} to {option.high}.",
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
        )
    hosts = isinstance(option, Hosts)
    return LinesField(hosts=hosts, label=label, initial=value, help_text=HOSTS_HELP if hosts else PHRASES_HELP)
