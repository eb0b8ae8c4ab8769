"""For the gallery: physicians in every standing, what they asked, and their answers. Run inside the site by exhibits.py."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Credential, CredentialRequest, User
from forum.physicians import credential_steps
from forum.views.shared import forms
from tests import factories

LONG = "Supercalifragilisticexpialidocious" * 3
CONFLICTS = f"A maker of pumps paid a journey in 2024.\n\nAnd {LONG}."


def exhibits(editor: User, colleague: User) -> dict[str, Any]:
    """Put up requests in every state and credentials in every standing; return where, and who may be signed in."""
    people = {name: factories.person(f"{name.capitalize()} {LONG[:40]}") for name in PEOPLE}
    asked = factories.asked(people["asking"], full_name=f"Dr Ada {LONG}"[:120], conflicts=CONFLICTS)
    mine, theirs = (factories.asked(full_name=f"Dr Checked {number}") for number in (1, 2))
    credential_steps.check(mine, by=editor, note=f"In the register, valid until 2028. {LONG}")
    credential_steps.check(theirs, by=colleague, note="In the register.")
    own = factories.asked(editor)
    declined = factories.asked(people["declined"])
    credential_steps.decline(
        declined, by=colleague, reason=f"The register does not know this number.\n\n{LONG}", seen="asked"
    )
    credentials = {name: _credential(people[name], editor, colleague) for name in STANDINGS}
    question = factories.published("Who has answered this one?")
    for name, credential in credentials.items():
        user = User.objects.get(pk=credential.user_id)
        factories.pending(f"An answer of somebody who is {name}.", user=user, question=question)
    _change(credentials, colleague)
    opened_as = forms.sign_authorship(User.objects.get(pk=people["renewing"].pk))
    requests = {"asked": asked, "mine": mine, "theirs": theirs, "own": own, "declined": declined}
    return {
        "recognition": {name: request.public_id for name, request in requests.items()},
        "credential": {name: credential.public_id for name, credential in credentials.items()},
        "badges": question.get_absolute_url(),
        "writes_as": opened_as,
        "people": people,
    }


PEOPLE = ("asking", "declined", "renewing", "lapsed", "withdrawn")
STANDINGS = ("renewing", "lapsed", "withdrawn")


def _credential(user: User, editor: User, colleague: User) -> Credential:
    request: CredentialRequest = factories.asked(user, full_name=f"Dr {user.name}"[:120], conflicts=CONFLICTS)
    credential_steps.check(request, by=editor, note="In the register.")
    return credential_steps.grant(request, by=colleague)


def _change(credentials: dict[str, Credential], colleague: User) -> None:
    """Let one be in its last days and one have lapsed, and withdraw one."""
    today = timezone.localdate()
    for name, days in {"renewing": 20, "lapsed": -10}.items():
        day = today + timedelta(days=days)
        dates = {"valid_from": day - timedelta(days=365), "valid_until": day}
        Credential.objects.filter(pk=credentials[name].pk).update(**dates)
    credential_steps.withdraw(
        credentials["withdrawn"], by=colleague, reason=f"The register has struck the name off. {LONG}"
    )
