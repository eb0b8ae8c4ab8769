"""Forms for checking credentials."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import CredentialRequest
from forum.views.shared.credential_fields import LICENCE_ELSEWHERE, names_licence
from forum.views.shared.forms import WordsField


class ReasonForm(forms.Form):
    reason = WordsField(
        label="Reason for the person",
        help_text="They read it word for word, and it is kept in the log. Up to 600 characters.",
        longest=600,
        error_messages={"required": "Write a reason: the person will read it."},
    )

    def __init__(self, *args: Any, request: CredentialRequest | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        # Others than checkers read the log.
        if self.request and names_licence(self.request.licence_number, reason):
            raise ValidationError(LICENCE_ELSEWHERE)
        return reason


class DeclineForm(ReasonForm):
    """`seen` is the state in which the request was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class GrantForm(forms.Form):
    """An empty form: granting takes only the button."""


class CheckForm(forms.Form):
    note = WordsField(
        label="What you looked up, and where",
        help_text="For the person who grants it; nobody else reads it. Up to 600 characters.",
        longest=600,
        error_messages={"required": "Write what you looked up, so that the second person can follow it."},
    )
