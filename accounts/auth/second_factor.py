"""Missing second factor of a privileged user."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts.roles import is_privileged


def lacks_second_factor(user: Any) -> bool:
    return bool(settings.SECOND_FACTOR_REQUIRED and is_privileged(user) and not is_mfa_enabled(user))
