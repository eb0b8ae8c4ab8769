"""Application form for recognition as a volunteer physician."""

from typing import Any

from django import forms

from accounts.credentials import NO_CONFLICTS, Application
from accounts.forms import NameField
from forum.views.shared.credential_fields import LICENCE_ELSEWHERE, LineField, LinkField, names_licence
from forum.views.shared.forms import WordsField

NEITHER = "Write what could be one, or tick the box above that says you have none."
BOTH = "You ticked that you have none, and wrote something here. Please untick the box or empty the text."


class RecognitionForm(forms.Form):
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
        values = super().clean() or {}
        text, none = values.get("conflicts", ""), values.get("no_conflicts")
        if "conflicts" not in self.errors and bool(text) == bool(none):
            self.add_error("conflicts", BOTH if text else NEITHER)
        for name in ("full_name", "jurisdiction", "specialty", "conflicts"):
            if names_licence(values.get("licence_number", ""), values.get(name, "")):
                self.add_error(name, LICENCE_ELSEWHERE)
        return values

    def application(self) -> Application:
        values = {**self.cleaned_data, "conflicts": self.cleaned_data["conflicts"] or NO_CONFLICTS}
        del values["no_conflicts"]
        return Application(**values)
