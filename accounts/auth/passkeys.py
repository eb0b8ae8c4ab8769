"""allauth's forms for passkeys, in the site's words."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.core.validators import MaxLengthValidator

LONGEST = 60
NAME = "Name of this passkey"
NAME_HELP = "Only you see it. It helps you tell your devices apart, like “My phone”."


class AddPasskeyForm(AddWebAuthnForm):
    """Adds a passkey that signs in by itself, unless the person wants it as a second step only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.help_text = NAME, NAME_HELP
        name.widget.attrs["maxlength"] = LONGEST
        alone.label, alone.initial = "Let it sign me in without a password", True
        alone.help_text = "Your device then asks for its PIN, your finger or your face each time."

    def clean_name(self) -> str:
        """Return a name that is not too long: the device has made the passkey, and must not have in vain."""
        return str(super().clean_name())[:LONGEST]


class RenamePasskeyForm(EditWebAuthnForm):
    """Gives a passkey another name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.help_text = NAME, NAME_HELP
        name.validators.append(MaxLengthValidator(LONGEST, f"Write at most {LONGEST} letters."))
        name.widget.attrs["maxlength"] = LONGEST
        name.error_messages["required"] = "Write a name, such as “My phone”."
