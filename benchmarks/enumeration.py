"""User enumeration: does a form tell by bytes, headers or time which addresses the site knows?

script/bench enumeration sends each form as often with a known address as with an unknown one, in random order, each
from a new browser and network. Responses must be equal but for tokens. Time remains: a classifier that knows only the
seconds of each response learns on one half which kind is slower and is judged on the other half, then the other way
round; the two figures are averaged. 0.5 is guessing, 1 is certainty.
"""

import argparse
import dataclasses
import itertools
import math
import random
import re
import secrets
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.client import Answer, Client, hidden
from tests.support.stack import Stack

ENV = {"ASK_MINIMUM_SECONDS": "0", "LOG_LEVEL": "WARNING", "TRUSTED_PROXIES": "1"}
MAX_AUC = 0.55
# Runs in the site: members with verified addresses, and guests who have asked and confirmed. All members have the same
# password hash, of another password than the forms send.
KNOWN = """
import json, secrets
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from accounts.models import User
from tests import factories
members, guests = {members!r}, {guests!r}
password = make_password("not the one")
users = User.objects.bulk_create(User(handle=secrets.token_hex(8), name="Kim", password=password) for _ in members)
EmailAddress.objects.bulk_create(
    EmailAddress(user=user, email=address, verified=True, primary=True) for user, address in zip(users, members)
)
for number, address in enumerate(guests):
    key = secrets.token_hex(8)
    factories.confirmed(factories.pending(f"Who knows number {{number}}?", address=address, form_key=key))
print(json.dumps(len(users)))
"""


@dataclass(frozen=True)
class Form:
    path: str
    field: str
    others: dict[str, str] = dataclasses.field(default_factory=dict)


FORMS = {
    "sign in": Form("/accounts/login/", "login", {"password": "wrong horse battery"}),
    "sign up": Form("/accounts/signup/", "email", {"name": "Kim", "password1": "wrong horse battery"}),
    "reset": Form("/accounts/password/reset/", "email"),
    "code": Form("/accounts/login/code/", "email"),
    "ask as a guest": Form("/questions/ask/", "email", {"name": "Kim", "text": "Who knows this?", "website": ""}),
    "a guest’s data": Form("/your-data/", "email"),
}
OF_GUESTS = {"a guest’s data"}  # its known addresses are guests'; those of all others are members'


@dataclass
class Seen:
    """Responses of one form, by known (True) and unknown (False) addresses."""

    seconds: dict[bool, list[float]] = dataclasses.field(default_factory=lambda: {True: [], False: []})
    shapes: dict[bool, set[str]] = dataclasses.field(default_factory=lambda: {True: set(), False: set()})

    @property
    def same(self) -> bool:
        return self.shapes[True] == self.shapes[False]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench enumeration", description=__doc__)
    parser.add_argument("--number", type=int, default=300, help="addresses of each kind (300)")
    parser.add_argument("--form", choices=FORMS, action="append", help="only this one")
    parser.add_argument("--step", type=int, default=250, help="STEADY_MILLISECONDS of the site (250)")
    options = parser.parse_args(arguments)
    stack = Stack(env={**ENV, "STEADY_MILLISECONDS": str(options.step)}).start()
    try:
        found = {name: measure(stack, name, options.number) for name in options.form or FORMS}
    finally:
        stack.stop()
    told = [name for name, seen in found.items() if not seen.same or auc(seen.seconds) > MAX_AUC]
    if told:
        raise SystemExit(f"These tell known addresses from unknown ones: {', '.join(told)}")


def measure(stack: Stack, name: str, number: int) -> Seen:
    form, seen = FORMS[name], Seen()
    for address, known in plant(stack, number, guests=name in OF_GUESTS):
        answer = send_form(stack.url, form, address)
        seen.seconds[known].append(answer.seconds)
        seen.shapes[known].add(shape(answer, address))
    error = math.sqrt((2 * number + 1) / (12 * number * number))
    medians = " / ".join(f"{statistics.median(seen.seconds[known]) * 1e3:.1f}" for known in (True, False))
    words = "the same answers" if seen.same else "DIFFERENT ANSWERS"
    print(
        f"{name:<16} AUC {auc(seen.seconds):.3f} ± {error:.3f}   {words}; {medians} ms (median; known / unknown)",
        flush=True,
    )
    for known, only in (
        (True, seen.shapes[True] - seen.shapes[False]),
        (False, seen.shapes[False] - seen.shapes[True]),
    ):
        for one in sorted(only)[:2]:
            print(f"    only for {'known' if known else 'unknown'} addresses: {one}")
    return seen


def plant(stack: Stack, number: int, *, guests: bool) -> list[tuple[str, bool]]:
    addresses = [f"{secrets.token_hex(6)}@people.test" for _ in range(2 * number)]
    known = addresses[:number]
    stack.shell(KNOWN.format(members=[] if guests else known, guests=known if guests else []))
    both = [(address, place < number) for place, address in enumerate(addresses)]
    random.SystemRandom().shuffle(both)
    return both


networks: Iterator[int] = itertools.count(1)


def send_form(url: str, form: Form, address: str) -> Answer:
    client, number = Client(url), next(networks)
    network = {"X-Forwarded-For": f"10.{number >> 8 & 255}.{number & 255}.7"}
    page = client.get(form.path, **network)
    assert page.status == 200, (form.path, page.status)
    text = page.body.decode()
    tokens = {name: hidden(text, name) for name in ("csrfmiddlewaretoken", "form_key") if f'name="{name}"' in text}
    return client.post(form.path, {**tokens, **form.others, form.field: address}, **network)


# --- Comparison of responses

SECRET = re.compile(
    r"""(name="(?:csrfmiddlewaretoken|form_key)" value=")[^"]*|(/p/)[\w-]{16,}"""
    r"""|((?:csrftoken|sessionid|messages)=)[^;]+|(expires=)[^;]+"""
)
VARYING = {"date", "expires", "content-length"}


def shape(answer: Answer, address: str) -> str:
    head = {name: value for name, value in answer.headers.items() if name not in VARYING}
    lines = [str(answer.status), *map(str, sorted(head.items())), *sorted(answer.set_cookies), answer.body.decode()]
    whole = "\n".join(lines)
    return SECRET.sub(lambda found: "".join(part or "" for part in found.groups()), whole.replace(address, "ADDRESS"))


# --- Comparison of times


def auc(seconds: dict[bool, list[float]]) -> float:
    """Return how well time tells known from unknown addresses, learnt and judged on different halves."""
    halves = [{known: times[half::2] for known, times in seconds.items()} for half in (0, 1)]
    figures = [judged(halves[judge], slower_is_known=ranked(halves[1 - judge]) >= 0.5) for judge in (0, 1)]
    return statistics.mean(figures)


def judged(half: dict[bool, list[float]], *, slower_is_known: bool) -> float:
    """Return the area under the curve (AUC) of the rule "the slower ones are known", or of the opposite rule."""
    area = ranked(half)
    return area if slower_is_known else 1 - area


def ranked(half: dict[bool, list[float]]) -> float:
    """Return the probability that a known address took longer than an unknown one; ties count half."""
    pairs = itertools.product(half[True], half[False])
    wins = [1.0 if known > unknown else 0.5 if known == unknown else 0.0 for known, unknown in pairs]
    return statistics.mean(wins)
