"""Passkey forms (WebAuthn) of allauth with the site's labels."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.core.validators import MaxLengthValidator

MAX_NAME_LENGTH = 60
NAME = "Name of this passkey"
NAME_HELP = "Only you see it. It helps you tell your devices apart, like “My phone”."


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.help_text = NAME, NAME_HELP
        name.widget.attrs["maxlength"] = MAX_NAME_LENGTH
        alone.label, alone.initial = "Let it sign me in without a password", True
        alone.help_text = "Your device then asks for its PIN, your finger or your face each time."

    def clean_name(self) -> str:
        # A long name is cut, not refused: the device has already made the passkey, and an error would waste it.
        return str(super().clean_name())[:MAX_NAME_LENGTH]


class RenamePasskeyForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.help_text = NAME, NAME_HELP
        name.validators.append(MaxLengthValidator(MAX_NAME_LENGTH, f"Write at most {MAX_NAME_LENGTH} letters."))
        name.widget.attrs["maxlength"] = MAX_NAME_LENGTH
        name.error_messages["required"] = "Write a name, such as “My phone”."
