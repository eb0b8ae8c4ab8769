"""allauth's forms where their work would tell whether an address is known."""

from typing import Any

from allauth.account.forms import SignupForm
from django.http import HttpRequest

from accounts.models import User


class EvenSignupForm(SignupForm):
    """Hashes the password whether or not an account is made of it: that is most of what signing up costs."""

    def try_save(self, request: HttpRequest) -> Any:
        """Return (user, response) as allauth does; for a known address the password is hashed for nothing."""
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)
