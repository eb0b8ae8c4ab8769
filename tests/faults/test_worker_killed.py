"""The worker is killed again and again while it sends: no mail is lost, and a second copy is the same mail."""

import json
import os
import random
import signal
import time

import pytest

from tests.faults.mail import TryingMailServer, guests, wait_until_quiet
from tests.faults.visitor import ask_all
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=60)]
SITE = {"MAIL_LEASE_SECONDS": "6", "SWEEP_SECONDS": "1"}
KILLS = 12
MAILS = 100
# FAULTS_SEED in the environment repeats a run, as far as two machines can be made to do the same.
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1_000_000))


CLAIM_ALL = """
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
from forum.notifications.claiming import claim, due

wanted = [row.pk for row in due()]
start = Barrier(4)

def claim_all(number):
    start.wait(10)
    won = [pk for pk in wanted if claim(pk)]
    connection.close()
    return won

with ThreadPoolExecutor(4) as pool:
    print(json.dumps([wanted, list(pool.map(claim_all, range(4)))]))
"""


def test_each_mail_is_claimed_by_one(site: Stack, mail: TryingMailServer) -> None:
    """Four at once want the same twenty and more; and when nothing comes of it, the lease runs out and all are sent."""
    asking = guests("wanted", 20)
    site.hold("worker")
    site.kill("worker")
    ask_all(site.port, asking)
    wanted, won = json.loads(site.shell(CLAIM_ALL))
    assert len(wanted) >= len(asking)
    assert sorted(pk for share in won for pk in share) == sorted(wanted)
    site.release("worker")
    wait_until(lambda: all(mail.copies(asking).values()), 40, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)


def test_worker_killed_while_it_sends(site: Stack, mail: TryingMailServer) -> None:
    """The mail server answers a moment after it kept a mail: what is killed in that moment may be sent once more."""
    chance = random.Random(SEED)
    asking = guests("killed", MAILS)
    site.hold("worker")
    site.kill("worker")
    ask_all(site.port, asking)
    mail.pause = 0.1
    site.release("worker")
    killed = [kill_something(site, mail, chance, parent=number % 2 == 0) for number in range(KILLS)]
    before_last = sum(mail.copies(asking).values())
    wait_until(lambda: all(mail.copies(asking).values()), 60, "every mail")
    wait_until_quiet(site)
    copies = mail.copies(asking)
    second = sum(copies.values()) - MAILS
    print(f"seed {SEED}: {KILLS} kills of {sum(killed)} processes, {second} second copies of {MAILS} mails")
    assert before_last < MAILS, "the mails were gone before the last kill"
    # A mail that is hit again when it goes out for the second time may even come a third time.
    assert second <= sum(killed), "one process has one mail in its hands"
    different = [address for address in asking if len(set(mail.ids_tried(address))) != 1]
    assert not different, "a second copy has the Message-ID of the first"


def kill_something(site: Stack, mail: TryingMailServer, chance: random.Random, *, parent: bool) -> int:
    """Kill the worker, or one of its children, at some moment of its work; return how many senders that ended."""
    goal = len(mail.tries) + chance.randint(1, 4)
    wait_until(lambda: len(mail.tries) >= goal, 40, "the worker's next mails")
    time.sleep(chance.uniform(0, 0.15))
    senders = site.pids().get("worker_child", [])
    if parent or not senders:
        return len(senders) if site.kill("worker") else 0
    os.kill(chance.choice(senders), signal.SIGKILL)
    return 1
