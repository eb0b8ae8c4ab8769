"""Public name on the sign-up form, and the check against impersonation of volunteers."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Credential, User
from accounts.names import MAX_NAME, clean_name, folded, validate_name
from accounts.roles import PRIVILEGED_GROUPS

TAKEN = (
    "A volunteer on this site goes by this name. Please choose another one, so that nobody is taken for somebody else."
)


class NameField(forms.CharField):
    default_error_messages = {"required": "Write the name that readers will see. A first name or a nickname is fine."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_NAME)
        kwargs.setdefault("validators", [validate_name])
        super().__init__(**kwargs)
        # Django's message about NUL is technical; validate_name refuses NUL in plain words.
        self.validators = [check for check in self.validators if not isinstance(check, ProhibitNullCharactersValidator)]

    def to_python(self, value: object) -> str:
        return clean_name(super().to_python(value) or "")


class SignupForm(forms.Form):
    name = NameField(label="Name shown on the site", help_text="Everybody can see it. A nickname is fine.")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name)
        return name

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])


def refuse_names_of_others(name: str, user: Any = None) -> None:
    """Raise ValidationError when a verified physician or somebody with a role, other than `user`, has this name.

    Their names are public already, so the refusal discloses nothing.
    """
    wanted = folded(name)
    own: int = user.pk if user is not None else 0
    team = User.objects.filter(Q(is_staff=True) | Q(groups__name__in=PRIVILEGED_GROUPS), is_active=True)
    physicians = Credential.objects.in_force().exclude(user=own).values_list("full_name", flat=True)
    taken = {*team.exclude(pk=own).values_list("name", flat=True), *physicians}
    if wanted in {folded(other) for other in taken}:
        raise ValidationError(TAKEN, code="taken")
