"""The shape of a report: a reason, perhaps a few words."""

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError

from articles.markup import find_addresses
from forum.forms import PostForm, TextField
from forum.models import Report

LONGEST_NOTE = 500


class ReportForm(PostForm):
    """A report on a post. It asks for no name and no address; the traps for programs are those of a post's form."""

    text = told = None  # type: ignore[assignment]
    reason = forms.ChoiceField(
        label="What is wrong",
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong.", "invalid_choice": "Choose one of these."},
    )
    note = TextField(
        label="Anything a moderator should know",
        help_text="You can leave this empty. Up to 500 characters, without names, addresses or phone numbers.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "true"}),
    )
    field_order = ("reason", "note", "website")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=AnonymousUser(), **kwargs)
        del self.fields["name"], self.fields["email"]

    def clean_note(self) -> str:
        """Refuse what is too long, saying by how much, and e-mail addresses: moderators read the note."""
        note = str(self.cleaned_data["note"])
        over = len(note) - LONGEST_NOTE
        if over > 0:
            raise ValidationError(f"The note is {over:,} characters too long. Please shorten it to 500 characters.")
        if find_addresses(note):
            raise ValidationError("Please leave out e-mail addresses. Your note is still here.")
        return note
