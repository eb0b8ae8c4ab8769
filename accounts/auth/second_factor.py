"""Whose role demands a second factor that is not set up yet."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts.roles import is_privileged


def lacks_second_factor(user: Any) -> bool:
    """True while the person may do nothing that needs their role, be it in a session or by a mailed link."""
    return bool(settings.SECOND_FACTOR_REQUIRED and is_privileged(user) and not is_mfa_enabled(user))
