"""Filters of the queue. Each is one condition on the rows, read in the order of the queue's index."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from articles.models import Article
from forum import rules
from forum.models import Hold, WaitingFor
from forum.models.posts import PostQuerySet
from forum.rules.judging import BROKEN, BY_MAIL

Filters = dict[str, Any]
MAX_WAIT_DAYS = 3_650


def rule_choices() -> list[tuple[str, Any]]:
    groups = [(group, [(rule.name, rule.title) for rule in found]) for group, found in rules.GROUPS.items()]
    beside = ("No rule", [(BROKEN, "Failed rule"), (BY_MAIL, "Sent by mail, sender not authenticated")])
    return [("", "Any reason"), *groups, beside]


class FilterForm(forms.Form):
    q = forms.CharField(label="Words in the text", max_length=100, required=False)
    rule = forms.ChoiceField(label="Reason for the hold", choices=rule_choices, required=False)
    article = forms.ModelChoiceField(
        label="Article",
        queryset=Article.objects.order_by("title"),
        to_field_name="slug",
        empty_label="Any, or none",
        required=False,
        error_messages={"invalid_choice": "This article no longer exists."},
    )
    author = forms.ChoiceField(
        label="Written by", choices=[("", "Anybody"), ("guest", "A guest"), ("member", "A member")], required=False
    )
    name = forms.CharField(label="Author’s name contains", max_length=80, required=False)
    # Not a number input, which would drop invalid text instead of showing it again.
    days = forms.IntegerField(
        label="Waiting for more than (days)",
        min_value=0,
        max_value=MAX_WAIT_DAYS,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    asked = forms.ChoiceField(
        label="Opinion asked for",
        choices=[("", "Any"), ("nobody", "From nobody"), *WaitingFor.choices],
        required=False,
    )

    def chosen(self) -> Filters:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}

    def kept(self) -> dict[str, str]:
        return {name: str(self.data[name]) for name in self.fields if self.data.get(name)}


def narrow(posts: PostQuerySet, filters: Filters) -> PostQuerySet:
    for name, value in filters.items():
        posts = posts.filter(CONDITIONS[name](value))
    return posts


def _held_by(rule: str) -> Q:
    holds = Hold.objects.filter(post=OuterRef("pk"), revision=OuterRef("revision"), rule=rule)
    return Q(Exists(holds))


def _asked(value: str) -> Q:
    return Q(waiting_for="" if value == "nobody" else value)


CONDITIONS = {
    "q": lambda words: Q(title__icontains=words) | Q(source__icontains=words),
    "rule": _held_by,
    "article": lambda article: Q(article=article),
    "author": lambda kind: Q(author__isnull=kind == "guest"),
    "name": lambda part: Q(name__icontains=part),
    "days": lambda days: Q(waiting_since__lt=timezone.now() - timedelta(days=days)),
    "asked": _asked,
}
