"""What a person says who asks to be recognised, and what checkers write to each other and to them."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from accounts.credentials import NO_CONFLICTS, Application
from accounts.forms import NameField
from accounts.models import CredentialRequest
from articles import invisible
from articles.markup import find_addresses
from forum.forms import WordsField

ADDRESS = "Please leave out e-mail addresses. What you wrote is still here."
LICENCE_ELSEWHERE = "Please leave out the licence number: others than the checkers read this."
# Shorter numbers stand in any text by chance.
SHORTEST_LICENCE = 4


class LineField(forms.CharField):
    """One line of words: nothing invisible, no address, something to see."""

    def to_python(self, value: Any) -> str:
        """Return the line with single spaces."""
        return " ".join(str(super().to_python(invisible.clean(str(value or "")))).split())

    def validate(self, value: str) -> None:
        """Refuse addresses, and what is empty to the eye."""
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)
        if value and not any(unicodedata.category(char)[0] in "LN" for char in value):
            raise ValidationError(self.error_messages["required"], code="required")


class LinkField(forms.URLField):
    """A web address, without an e-mail address in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", max_length=300, **kwargs)
        self.validators = [*self.validators, URLValidator(schemes=["http", "https"])]

    def to_python(self, value: Any) -> str:
        """Return the address without characters that nobody can see."""
        return str(super().to_python(invisible.clean(str(value or ""))) or "")

    def validate(self, value: str) -> None:
        """Refuse e-mail addresses."""
        super().validate(value)
        if find_addresses(value):
            raise ValidationError(ADDRESS)


def names_licence(number: str, text: str) -> bool:
    """True when the licence number stands in the text, however it is spaced."""
    plain = _squeezed(number)
    return len(plain) >= SHORTEST_LICENCE and plain in _squeezed(text)


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


class RecognitionForm(forms.Form):
    """Asking to be recognised as a volunteer physician."""

    full_name = NameField(
        label="Full name",
        help_text="As in the register of physicians. Everybody sees it with your answers.",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Write your full name."},
    )
    licence_number = LineField(
        label="Licence number",
        help_text="Only the people who check it see it. It is deleted when they no longer need it.",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write the number of your licence."},
    )
    jurisdiction = LineField(
        label="Country, state or region of the licence",
        help_text="Everybody sees it.",
        max_length=80,
        error_messages={"required": "Write where you are licensed."},
    )
    registry_url = LinkField(
        label="Web address of your entry in the register",
        help_text="If there is one, it makes checking faster. Only the people who check see it.",
        required=False,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write a web address, like https://register.example.org/, or leave it empty."},
    )
    specialty = LineField(
        label="Specialty",
        help_text="For example: Neurology. Everybody sees it with your answers.",
        max_length=120,
        error_messages={"required": "Write your specialty."},
    )
    no_conflicts = forms.BooleanField(label="I have no conflicts of interest", required=False)
    conflicts = WordsField(
        label="Conflicts of interest",
        help_text="Who pays you, or gives you something, and could gain from your answers: makers of drugs or pumps, "
        "for example. Everybody sees it. Up to 600 characters.",
        longest=600,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Want conflicts of interest or the word that there are none, and the licence number nowhere else."""
        values = super().clean() or {}
        text, none = values.get("conflicts", ""), values.get("no_conflicts")
        if "conflicts" not in self.errors and bool(text) == bool(none):
            self.add_error("conflicts", BOTH if text else NEITHER)
        for name in ("full_name", "jurisdiction", "specialty", "conflicts"):
            if names_licence(values.get("licence_number", ""), values.get(name, "")):
                self.add_error(name, LICENCE_ELSEWHERE)
        return values

    def application(self) -> Application:
        """Return what was typed, once it is valid."""
        values = {**self.cleaned_data, "conflicts": self.cleaned_data["conflicts"] or NO_CONFLICTS}
        del values["no_conflicts"]
        return Application(**values)


NEITHER = "Write what could be one, or tick the box above that says you have none."
BOTH = "You ticked that you have none, and wrote something here. Please untick the box or empty the text."


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
