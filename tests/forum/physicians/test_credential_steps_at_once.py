"""Several at once, each with a connection of its own: one of them wins, the others hear it, and one mail is owed."""

import json

import pytest

from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

AT_ONCE = """
import json
from functools import partial
from accounts import credentials
from accounts.conflicts import Conflict
from accounts.credentials import Application
from accounts.models import Credential, CredentialRequest
from forum.models import Delivery, LogEntry
from forum.physicians import credential_steps
from tests import factories
from tests.support import at_once

SAID = Application("Dr Ann", "LIC-1", "Scotland", "Neurology", "None declared.")

together = partial(at_once.together, late=(Conflict,))

def fresh(asked):
    return CredentialRequest.objects.select_related("user").get(pk=asked.pk)

checkers = [factories.checker() for _ in range(4)]
found = []
for _ in range(8):
    ann = factories.person()
    outcomes = [together(*[lambda: credential_steps.ask(ann, SAID)] * 3)]
    asked = CredentialRequest.objects.get(user=ann)
    outcomes.append(together(*[lambda by=by: credential_steps.check(fresh(asked), by=by, note="Valid.") for by in checkers[:3]]))
    others = [by for by in checkers if by.pk != fresh(asked).checked_by_id]
    outcomes.append(together(*[lambda by=by: credential_steps.grant(fresh(asked), by=by) for by in others]))
    credential = Credential.objects.get(user=ann)
    one = lambda: Credential.objects.select_related("user").get(pk=credential.pk)
    outcomes.append(together(*[lambda by=by: credential_steps.withdraw(one(), by=by, reason="Struck off.") for by in others]))
    log = list(LogEntry.objects.filter(subject=ann).order_by("pk").values_list("move", flat=True))
    told = Delivery.objects.filter(recipient__user=ann).count()
    found.append([outcomes, log, told])
    # The person takes it back while somebody declines it.
    ben = factories.asked(factories.person())
    acts = [lambda: credential_steps.take_back(fresh(ben)), lambda: credential_steps.decline(fresh(ben), by=checkers[0], reason="No.", seen="asked")]
    found.append([together(*acts), fresh(ben).state, Delivery.objects.filter(request=ben, kind="recognised").count()])
print(json.dumps(found))
"""


def test_of_several_at_once_one_wins_and_the_others_are_late(stack: Stack) -> None:
    rounds = json.loads(stack.shell(AT_ONCE).strip().splitlines()[-1])
    assert len(rounds) == 16
    for outcomes, log, told in rounds[::2]:
        assert outcomes == [["done", "late", "late"]] * 4
        assert log == ["check", "grant", "revoke"] and told == 2
    for outcome, state, told in rounds[1::2]:
        assert outcome == ["done", "late"] and (state, told) in {("taken-back", 0), ("declined", 1)}
