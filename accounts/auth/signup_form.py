"""Sign-up form with equal work for known and unknown addresses (user enumeration)."""

from typing import Any

from allauth.account.forms import SignupForm
from django.http import HttpRequest

from accounts.models import User


class EvenSignupForm(SignupForm):
    """Hashes the password also for a known address: hashing is most of the time that signing up takes."""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)
