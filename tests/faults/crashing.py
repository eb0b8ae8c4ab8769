"""Crashes on purpose, each in a process of its own: a fork of one that has started Django, as a worker's children are.

Runs in a site's own Django, with its database and mail server (Stack.shell), and prints as JSON where what died.
"""

import json
import os
import random
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Contact
from accounts.models.contacts import key_of
from forum.models import Delivery, Post, Subscription
from forum.notifications import mails, publish, subscriptions
from forum.notifications.delivery import claim, outcome, send
from forum.notifications.delivery.sign import SignedMail
from tests import factories
from tests.faults.deliveries import owed_account_mail


@dataclass(frozen=True)
class Step:
    """One numbered step of forum.notifications.delivery.send, and the function that carries it out."""

    name: str
    home: Any
    function: str


STEPS = (
    Step("1 claim", claim, "claim"),
    Step("2 gather", claim, "_gather"),
    Step("3 hold", send, "_hold_back_a_burst"),
    Step("4 compose", mails, "compose"),
    Step("5 address", send, "address_of"),
    Step("6 suppress", send, "_refuse_suppressed"),
    Step("7 send", SignedMail, "send"),
    Step("8 mark", outcome, "sent"),
    Step("9 forget", send, "_forget"),
    Step("10 next", claim, "next_after"),
)


def deliveries(times: int, seed: int) -> None:
    """Let each step of a delivery be the last one that many times, in a random order: half before it, half after it."""
    plan = [(step, ("before", "after")[number % 2]) for step in STEPS for number in range(times)]
    random.Random(seed).shuffle(plan)
    addresses = [f"step-{number}@guests.test" for number in range(len(plan))]
    waiting = [address for address, (step, _when) in zip(addresses, plan, strict=True) if step.name == "10 next"]
    owe_news(["warm@guests.test", *addresses], waiting)
    # What this process has read, templates above all, its forks need not read again.
    send.deliver(first_owed("warm@guests.test").pk)
    done = []
    for address, (step, when) in zip(addresses, plan, strict=True):
        row = owed_account_mail(address) if step.name == "9 forget" else first_owed(address)
        died = dies(partial(send.deliver, row.pk), step.home, step.function, when)
        done.append({"address": address, "step": step.name, "when": when, "died": died})
    print(json.dumps(done))


def owe_news(addresses: list[str], waiting: list[str]) -> None:
    """Let everybody follow a question with two replies, which leave as one; and some another, whose mail waits behind."""
    first, second = factories.published(), factories.published()
    with transaction.atomic():
        for address in addresses:
            contact = Contact.objects.create(address=address, address_key=key_of(address), confirmed_at=timezone.now())
            subscriptions.follow(contact, Subscription.Kind.THREAD, first)
            if address in waiting:
                subscriptions.follow(contact, Subscription.Kind.THREAD, second)
    for question in (first, first, second):
        factories.published(question=question)


def first_owed(address: str) -> Delivery:
    """Return what is owed first to that address."""
    return Delivery.objects.filter(recipient__address=address, recipient__user=None).earliest("pk")


def requests(times: int) -> None:
    """Let the web process be killed that often between the commit of a question and its publishing to the queue."""
    addresses = [f"request-{number}@guests.test" for number in range(times)]
    ask("warm-asked@guests.test")
    done = [
        {"address": address, "died": dies(partial(ask, address), publish, "send_soon", "before")}
        for address in addresses
    ]
    stored = Post.objects.filter(contact__address__in=addresses).count()
    print(json.dumps({"done": done, "stored": stored}))


def ask(address: str) -> Any:
    """Ask as a guest, through the whole stack of middleware, with the form's own fields; return the answer."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"host": "127.0.0.1"})
    page = client.get("/questions/ask/").content.decode()
    hidden = {name: _value(page, name) for name in ("csrfmiddlewaretoken", "form_key")}
    text = f"Is this the question of {address.partition('@')[0]}?"
    fields = {**hidden, "name": "A guest", "email": address, "text": text, "website": ""}
    return client.post("/questions/ask/", fields)


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found.group(1)


def dies(work: Callable[[], object], home: Any, function: str, when: str) -> bool:
    """Do the work in a fork that is killed before or after it calls the function; False when it never came there."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        _do_and_die(work, home, function, when)
    _pid, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _do_and_die(work: Callable[[], object], home: Any, function: str, when: str) -> NoReturn:
    usual = getattr(home, function)

    def last(*arguments: Any, **named: Any) -> None:
        if when == "after":
            usual(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(home, function, last)
    try:
        work()
    finally:
        os._exit(1)
