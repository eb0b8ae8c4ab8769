"""Missing second factor of a privileged user."""

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

from accounts.roles import is_privileged


def lacks_second_factor(user: Any) -> bool:
    """Return True while the user may use nothing that needs their role, in a session or by a mailed link."""
    return bool(settings.SECOND_FACTOR_REQUIRED and is_privileged(user) and not is_mfa_enabled(user))
