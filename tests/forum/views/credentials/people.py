"""People in these tests: at a browser, having typed their password a moment ago; and what the forms send."""

import time
from typing import Any

from accounts.models import User
from tests.support.visitors import Visitor

LICENCE = "GMC 7654-321"
REASON = "The register does not know this number."
NOTE = "Looked up in the register; valid."


class Signed(Visitor):
    """A browser in which the person has just typed the password."""

    def __init__(self, user: User | None = None, *, seconds_ago: int = 0, **options: Any) -> None:
        super().__init__(user, **options)
        if user is not None:
            session = self.session
            record = {"method": "password", "reauthenticated": True, "at": time.time() - seconds_ago}
            session["account_authentication_methods"] = [record]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()


def application(**fields: Any) -> dict[str, Any]:
    """Return what the form sends of somebody who asks; fields that are None are left out, as an unticked box is."""
    good = {
        "full_name": "Dr Ann Asker",
        "licence_number": LICENCE,
        "jurisdiction": "Scotland",
        "registry_url": "https://register.test/ann",
        "specialty": "Neurology",
        "no_conflicts": "on",
        "conflicts": "",
    }
    return {name: value for name, value in {**good, **fields}.items() if value is not None}
