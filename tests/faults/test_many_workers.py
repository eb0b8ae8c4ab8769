"""Several workers and two beats: each mail is sent once, and to one person in order, one at a time.

Where four want the same mails in the same moment, threads stand for workers; each has a database connection of its own,
on a site whose own worker is held back.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest

from tests.faults.mail import TryingMailServer, owe_confirmations, wait_until_quiet
from tests.faults.sizes import sized
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=60)]
MAILS = sized(100, 1000)
WORKERS, BEATS = 4, 2

BEGIN = """
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.utils import timezone
from accounts.models import Contact
from forum.models import Delivery
from forum.notifications import mails
from forum.notifications.delivery import claim, send

settings.MAIL_TRANSPORT, settings.MAIL_TRANSPORT_OPTIONS = "django.core.mail.backends.locmem.EmailBackend", {}
mail.outbox = []
mails.compose = lambda one: mails.Mail("News", " ".join(member.event for member in one.members))
LONG_AGO = timezone.now() - timedelta(hours=2)

def owed(label, count, **fields):
    contact = Contact.objects.create(address=label + "@guests.test", confirmed_at=timezone.now())
    made = {"kind": "reply", "recipient": contact, **fields}
    return [Delivery.objects.create(event=f"{label}-{number:02}", **made) for number in range(count)]

def four(work):
    start = Barrier(4)
    def one(number):
        start.wait(10)
        try:
            return work(number)
        finally:
            connection.close()
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, range(4)))

def sweep():
    claim.repair()
    for row in list(claim.due_deliveries()):
        send.deliver(row.pk)

def tell(**found):
    unsent = Delivery.objects.filter(pk__in=[row.pk for row in rows]).exclude(state="sent").count()
    print(json.dumps({"owed": [row.event for row in rows], "told": [m.body for m in mail.outbox], "unsent": unsent, **found}))
"""

IN_ORDER = """
rows = owed("order", 40)
in_hand, most, usual = [], [], EmailMultiAlternatives.send

def hand_over(message):
    in_hand.append(message)
    most.append(len(in_hand))
    usual(message)
    in_hand.remove(message)

EmailMultiAlternatives.send = hand_over
four(lambda number: [send.deliver(row.pk) for row in rows[number * 10 :] + rows[: number * 10]])
sweep()
tell(most=max(most))
"""

IN_A_BUNDLE = """
rows = owed("bundle", 60, bundle="thread:1", next_attempt_at=LONG_AGO)
four(lambda number: [send.deliver(row.pk) for row in rows[number * 15 :] + rows[: number * 15]])
sweep()
tell()
"""

CLAIMS = """
rows = owed("claims", 20, next_attempt_at=LONG_AGO)
tell(won=[sum(found is not None for found in four(lambda _number: claim.claim(row.pk))) for row in rows])
"""


@pytest.fixture
def idle(site: Stack) -> Iterator[Stack]:
    """The site, with nobody sending but this test."""
    site.hold("worker")
    site.kill("worker")
    yield site


def found(site: Stack, story: str) -> dict[str, Any]:
    """Tell the story on the site; return what came of it."""
    result: dict[str, Any] = json.loads(site.shell(BEGIN + story).strip().splitlines()[-1])
    return result


def test_every_mail_once_and_in_order(idle: Stack) -> None:
    seen = found(idle, IN_ORDER)
    assert seen["told"] == seen["owed"] and not seen["unsent"]
    assert seen["most"] == 1, "two mails to one person at the same time"


def test_everything_is_told_once_whoever_leads(idle: Stack) -> None:
    """Old enough that none waits for another: any of them may lead."""
    seen = found(idle, IN_A_BUNDLE)
    assert sorted(" ".join(seen["told"]).split()) == seen["owed"] and not seen["unsent"]
    assert len(seen["told"]) < len(seen["owed"])


def test_each_is_claimed_by_one(idle: Stack) -> None:
    assert found(idle, CLAIMS)["won"] == [1] * 20


# How many mails each worker has tried, by its own count.
TRIED = """
import json
from config.celery import app
print(json.dumps({name: found["total"].get("forum.deliver", 0) for name, found in (app.control.inspect(timeout=20, limit=4).stats() or {}).items()}))
"""


@contextmanager
def more(site: Stack, name: str, number: int) -> Iterator[None]:
    """Have one more worker or beat."""
    process = site.start_another(name, number)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def tried(site: Stack) -> dict[str, int]:
    """Return how many mails each running worker has tried."""
    found: dict[str, int] = json.loads(site.shell(TRIED).strip().splitlines()[-1])
    return found


@pytest.mark.faults
def test_two_beats_and_four_workers(site: Stack, mail: TryingMailServer) -> None:
    """Everything is due when they begin, and every sweep of either beat offers all that has not left to all of them."""
    with ExitStack() as others:
        for number in range(2, WORKERS + 1):
            others.enter_context(more(site, "worker", number))
        for number in range(2, BEATS + 1):
            others.enter_context(more(site, "beat", number))
        # The others' parents are no children of the site's supervisor, and count as children here.
        wait_until(
            lambda: len(site.pids().get("worker_child", [])) >= 2 * WORKERS + WORKERS - 1,
            60,
            "every worker's processes",
        )
        for pid in (pids := site.pids())["worker"] + pids["worker_child"]:
            os.kill(pid, signal.SIGSTOP)
        owed_to = owe_confirmations(site, "many", MAILS)
        began = time.monotonic()
        for pid in pids["worker"] + pids["worker_child"]:
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: all(mail.copies(owed_to).values()), 120, "every mail")
        seconds = time.monotonic() - began
        wait_until_quiet(site, 120)
        shares = tried(site)
        beats = len(site.pids()["beat"])
    print(f"{MAILS} mails by {len(shares)} workers and {beats} beats in {seconds:.0f} s; tasks of each: {shares}")
    assert mail.copies(owed_to) == dict.fromkeys(owed_to, 1)
    assert len(shares) == WORKERS and all(shares.values()) and beats == BEATS
