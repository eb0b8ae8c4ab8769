"""What joining asks beyond an address and a password."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest

from accounts.impersonation import refuse_names_of_others
from accounts.models import User
from accounts.names import MAX_NAME, clean_name, validate_name


class NameField(forms.CharField):
    """A public name: one line, no address in it."""

    default_error_messages = {"required": "Write the name that readers will see. A first name or a nickname is fine."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_NAME)
        kwargs.setdefault("validators", [validate_name])
        super().__init__(**kwargs)
        # Django's own words for NUL are not for people; validate_name says it in ours.
        self.validators = [check for check in self.validators if not isinstance(check, ProhibitNullCharactersValidator)]

    def to_python(self, value: object) -> str:
        """Return the name in its normal form."""
        return clean_name(super().to_python(value) or "")


class SignupForm(forms.Form):
    """Added to allauth's sign-up form."""

    name = NameField(label="Name shown on the site", help_text="Everybody can see it. A nickname is fine.")

    def clean_name(self) -> str:
        """Refuse the names of the site's volunteers."""
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name)
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        """Store the name on the new user (called by allauth)."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
