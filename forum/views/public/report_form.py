"""Report form: a reason and an optional note."""

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser

from forum.models import Report
from forum.views.shared.forms import PostForm, WordsField


class ReportForm(PostForm):
    """Asks for no name and no address, but keeps PostForm's traps for robots."""

    text = told = None  # type: ignore[assignment] # how Django leaves an inherited field out
    reason = forms.ChoiceField(
        label="What is wrong",
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong.", "invalid_choice": "Choose one of these."},
    )
    note = WordsField(
        label="Anything a moderator should know",
        help_text="You can leave this empty. Up to 500 characters, without names, addresses or phone numbers.",
        required=False,
        longest=500,
    )
    field_order = ("reason", "note", "website")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=AnonymousUser(), **kwargs)
        del self.fields["name"], self.fields["email"]
