"""Sanction form: kind, number of days, and the reason that the member reads."""

from django import forms

from forum.models import Sanction
from forum.moderation.sanctions import MAX_DAYS
from forum.views.shared.forms import WordsField

WHAT: dict[Sanction.Kind, str] = {
    Sanction.Kind.HOLD: "Read everything they write before others can see it",
    Sanction.Kind.PAUSE: "Pause: they can read, but not write or edit",
    Sanction.Kind.CLOSE: "Close the account: they cannot sign in",
    Sanction.Kind.MUTE: "Ignore their reports",
}


class ReasonForm(forms.Form):
    reason = WordsField(
        label="Reason for the person",
        help_text="They read it word for word, and it is kept in the log. Up to 1,000 characters.",
        rows=4,
        error_messages={"required": "Write a reason: the person will read it."},
    )


class SanctionForm(ReasonForm):
    kind = forms.ChoiceField(
        label="Sanction",
        choices=[(kind.value, words) for kind, words in WHAT.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a sanction.", "invalid_choice": "Choose one of these."},
    )
    days = forms.IntegerField(
        label="Number of days",
        help_text=f"From 1 to {MAX_DAYS}. It ends by itself.",
        min_value=1,
        max_value=MAX_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "Write for how many days.",
            **dict.fromkeys(("invalid", "min_value", "max_value"), f"Write a number from 1 to {MAX_DAYS}."),
        },
    )
    field_order = ("kind", "days", "reason")
