"""Forms of the people who check credentials."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import CredentialRequest
from forum.views.shared.credential_fields import LICENCE_ELSEWHERE, names_licence
from forum.views.shared.forms import WordsField


class ReasonForm(forms.Form):
    """Why it is declined, or withdrawn."""

    reason = WordsField(
        label="Reason for the person",
        help_text="They read it word for word, and it stands in the log. Up to 600 characters.",
        longest=600,
        error_messages={"required": "Write a reason: the person will read it."},
    )

    def __init__(self, *args: Any, request: CredentialRequest | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_reason(self) -> str:
        """Refuse the licence number: the log is read by others than checkers."""
        reason: str = self.cleaned_data["reason"]
        if self.request and names_licence(self.request.licence_number, reason):
            raise ValidationError(LICENCE_ELSEWHERE)
        return reason


class DeclineForm(ReasonForm):
    """Why it is declined; `seen` is the state in which the request was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class GrantForm(forms.Form):
    """A button: there is nothing to type."""


class CheckForm(forms.Form):
    """What the first tells the second."""

    note = WordsField(
        label="What you looked up, and where",
        help_text="For the person who grants it; nobody else reads it. Up to 600 characters.",
        longest=600,
        error_messages={"required": "Write what you looked up, so that the second person can follow it."},
    )
