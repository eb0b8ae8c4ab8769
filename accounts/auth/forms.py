"""allauth's forms with the site's labels and error messages."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms

from accounts.auth.signup_form import EvenSignupForm

ADDRESS = ("E-mail address", "Write your e-mail address.")
NEW, AGAIN = ("New password", "Write a new password."), ("New password, once more", "Write the new password once more.")
CODE = ("Code", "Type the code.")
WORDS = {
    "email": ADDRESS,
    "login": ADDRESS,
    "password": ("Password", "Write your password."),
    "oldpassword": ("Your password now", "Write the password that you have now."),
    "code": CODE,
}
NO_ADDRESS = "Write an e-mail address with an @ in it, like name@example.org."


class PlainWords(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # On the sign-up form it is the only password, on all others a new one.
        first = ("Password", "Write a password.") if "email" in self.fields else NEW
        for name, (label, missing) in {**WORDS, "password1": first, "password2": AGAIN}.items():
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].widget.attrs.pop("placeholder", None)  # it would repeat the other message
                self.fields[name].error_messages["required"] = missing
                if isinstance(self.fields[name], forms.EmailField):
                    self.fields[name].error_messages["invalid"] = NO_ADDRESS


def plain(form: type[forms.Form]) -> Any:
    return type(form.__name__, (PlainWords, form), {})


LoginForm = plain(account.LoginForm)
SignupForm = plain(EvenSignupForm)
AddEmailForm = plain(account.AddEmailForm)
ChangePasswordForm = plain(account.ChangePasswordForm)
ResetPasswordForm = plain(account.ResetPasswordForm)
ResetPasswordKeyForm = plain(account.ResetPasswordKeyForm)
RequestLoginCodeForm = plain(account.RequestLoginCodeForm)
ConfirmLoginCodeForm = plain(account.ConfirmLoginCodeForm)
ReauthenticateForm = plain(account.ReauthenticateForm)
AuthenticateForm = plain(mfa.AuthenticateForm)
ActivateTOTPForm = plain(totp.ActivateTOTPForm)
