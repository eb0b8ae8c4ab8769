"""E-mail settings form: which mail, how soon, and what is followed."""

from typing import Any

from django import forms

from forum.models import Subscription
from forum.preferences import choices, followed, lists
from forum.preferences.choices import AS_ABOVE, STOPPED, Choices
from forum.preferences.mailbox import Mailbox

Kind = Subscription.Kind
Pace = Subscription.Pace
PACES = [(Pace.AT_ONCE.value, "At once"), (Pace.DAILY.value, "Once a day"), (Pace.WEEKLY.value, "Once a week")]
FOR_ONE = [(AS_ABOVE, "As chosen above"), *PACES, (STOPPED, "No mail")]
KINDS = {Kind.THREAD: "question", Kind.ARTICLE: "article", Kind.TOPIC: "topic"}
NOT_THERE = "One of these is not there any more. Please choose again."
NO_SUMMARIES = (
    "Summaries are switched off further up: nothing would come. Tick “Daily and weekly summaries”, or choose “At once”."
)


class ChoicesForm(forms.Form):
    """`seen` is the mark of the settings that the page showed."""

    wanted = forms.MultipleChoiceField(
        label="Mail me about",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": NOT_THERE},
    )
    links_only = forms.BooleanField(
        label="No text in mails, only links",
        required=False,
        help_text="Can other people see your mailbox? Then tick this. You read everything on the site instead.",
    )
    pace = forms.ChoiceField(
        label="How soon shall we write about what you follow?",
        choices=PACES,
        widget=forms.RadioSelect,
        help_text="Once a day or once a week, all news comes in one mail.",
        error_messages={"required": "Please choose one.", "invalid_choice": NOT_THERE},
    )
    queue_pace = forms.ChoiceField(
        label="How often shall we write that posts wait for a moderator?",
        choices=[(Pace.AT_ONCE.value, "At once, with a pause between two mails"), (Pace.DAILY.value, "Once a day")],
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose one.", "invalid_choice": NOT_THERE},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=24)

    def __init__(self, data: Any, *, mailbox: Mailbox, rows: list[Subscription]) -> None:
        now = choices.choices_of(mailbox, rows)
        initial = {"wanted": sorted(now.wanted), "links_only": now.links_only, "pace": now.pace, "seen": now.mark}
        super().__init__(data, initial={**initial, "queue_pace": now.queue_pace})
        offered = lists.list_choices(mailbox)
        labels = [(choice.kind.value, choice.label[:1].upper() + choice.label[1:]) for choice in offered]
        self.fields["wanted"].choices = labels  # type: ignore[attr-defined] # a field with choices
        if not any(choice.kind == Kind.QUEUE for choice in offered):
            del self.fields["queue_pace"]
        self.now, self.rows = now, rows
        for row in rows:
            self.fields[f"{followed.FIELD}{row.pk}"] = self._field_for(row, mailbox)

    def _field_for(self, row: Subscription, mailbox: Mailbox) -> forms.ChoiceField:
        title = followed.title_of(row, mailbox)
        chosen = dict(self.now.followed)[row.pk]
        what = f"The {KINDS[Kind(row.kind)]} “{title}”" if title != followed.HIDDEN_TITLE else title
        messages = {"required": "Please choose one.", "invalid_choice": NOT_THERE}
        return forms.ChoiceField(label=what, choices=FOR_ONE, initial=chosen, error_messages=messages)

    @property
    def general(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith(followed.FIELD)]

    @property
    def followed(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name.startswith(followed.FIELD)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if Kind.DIGEST.value not in values.get("wanted", []):
            before = {"pace": self.now.pace, **{f"{followed.FIELD}{pk}": chosen for pk, chosen in self.now.followed}}
            for name, chosen in before.items():
                if values.get(name) in (Pace.DAILY, Pace.WEEKLY) and values[name] != chosen:
                    self.add_error(name, NO_SUMMARIES)
        return values

    @property
    def wish(self) -> Choices:
        values = self.cleaned_data
        rows = tuple((row.pk, values[f"{followed.FIELD}{row.pk}"]) for row in self.rows)
        queue = values.get("queue_pace", self.now.queue_pace)
        return Choices(frozenset(values["wanted"]), values["links_only"], values["pace"], queue, rows)
