"""A worker's process dies at each step of a delivery, a web process before it has told the queue: all leaves soon after.

And what is left undone when the database is locked, or the disk full, is done soon after, too. The lease, the sweep and the pauses of the long run are those of production.
"""

import json
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.full_disk import ADDRESSES
from tests.faults.mail import TryingMailServer, guests, is_undone, locked, rows
from tests.faults.sizes import sized
from tests.faults.visitor import ask_all
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=60)]
SITE = sized(
    {"MAIL_LEASE_SECONDS": "4", "SWEEP_SECONDS": "2"},
    {"MAIL_LEASE_SECONDS": None, "SWEEP_SECONDS": None, "MAIL_RETRY_SECONDS": None},
)
TIMES = sized(2, 50)  # for each step
REQUESTS = sized(5, 200)
SOON = 60.0  # seconds from the restart
# The server has kept the mail, and the row does not say so: DESIGN 7's window.
WINDOW = {("7 send", "after"), ("8 mark", "before")}
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1_000_000))


@pytest.fixture
def at_rest(site: Stack) -> Stack:
    """The site without its worker."""
    site.hold("worker")
    site.kill("worker")
    return site


@pytest.mark.faults
def test_a_crash_at_each_step_of_a_delivery(at_rest: Stack, mail: TryingMailServer) -> None:
    crashes = crash(at_rest, f"deliveries({TIMES}, {SEED})")
    assert [one for one in crashes if not one["died"]] == []
    assert len(crashes) == 10 * TIMES
    in_window = {one["address"] for one in crashes if (one["step"], one["when"]) in WINDOW}
    before = sum(mail.copies([one["address"] for one in crashes]).values())
    seconds = restart(at_rest)
    copies = {one["address"]: copies_of_each_mail(at_rest, mail, one["address"]) for one in crashes}
    print(
        f"seed {SEED}: {len(crashes)} crashes, {before} mails had left; after the restart all within {seconds:.0f} s, "
        f"{len(in_window)} second copies"
    )
    assert copies == {one["address"]: expected(one, in_window) for one in crashes}


@pytest.mark.faults
def test_a_crash_of_the_web_between_commit_and_publish(at_rest: Stack, mail: TryingMailServer) -> None:
    found = crash(at_rest, f"requests({REQUESTS})")
    addresses = [one["address"] for one in found["done"] if one["died"]]
    assert len(addresses) == found["stored"] == REQUESTS
    seconds = restart(at_rest)
    print(f"{REQUESTS} requests killed after the commit; after the restart all mails within {seconds:.0f} s")
    assert mail.copies(addresses) == dict.fromkeys(addresses, 1)


@pytest.mark.sqlite_only
def test_a_full_disk(at_rest: Stack, mail: TryingMailServer) -> None:
    """What cannot be claimed is not sent; a question that cannot be stored stays in its form; later all goes on."""
    found = crash(at_rest, "suffer()", program="full_disk")
    assert found["asked"] == [503, True] and found["stored"] == 0
    assert found["claim"] == ["owed", "OperationalError"]
    # The window: it had left, and nobody could write so.
    assert found["mark"] == ["sending", "OperationalError"]
    assert found["drop"] == ["retrying", "OSError File too large"] and found["mails"] == 0
    restart(at_rest)
    assert mail.copies(ADDRESSES) == dict(zip(ADDRESSES, (1, 2, 1), strict=True))
    assert all(len(set(mail.ids_tried(address))) == 1 for address in ADDRESSES)


def test_a_locked_database(site: Stack, mail: TryingMailServer) -> None:
    """For three seconds nobody can write: questions wait and are taken, and every mail leaves once."""
    asking = guests("locked", 3)
    with ThreadPoolExecutor(1) as people:
        with locked(site):
            answers = people.submit(ask_all, site.port, asking)
            time.sleep(3)
            assert not any(mail.copies(asking).values())
        answers.result()
    wait_until(lambda: not any(map(is_undone, rows(site))), SOON, "the end of all deliveries")
    assert mail.copies(asking) == dict.fromkeys(asking, 1)


def crash(site: Stack, what: str, program: str = "crashing") -> Any:
    """Let something go wrong in the site's own Django; return what it says about that."""
    said = site.shell(f"from tests.faults import {program}; {program}.{what}")
    return json.loads(said.strip().splitlines()[-1])


def restart(site: Stack) -> float:
    """Start the worker again, with nothing in the queue; return the seconds until no mail is due."""
    with site.redis() as client:
        client.delete("celery")
    began = time.monotonic()
    site.release("worker")
    wait_until(lambda: not any(map(is_undone, rows(site))), SOON, "the end of all deliveries")
    return time.monotonic() - began


def copies_of_each_mail(site: Stack, mail: TryingMailServer, address: str) -> list[int]:
    """Return how often each mail to one address was kept, by Message-ID, in the order in which they first came."""
    ids = [copy.message_id for copy in mail.copies_kept(address)]
    return [ids.count(one) for one in dict.fromkeys(ids)]


def expected(one: dict[str, Any], in_window: set[str]) -> list[int]:
    """Return the copies of each mail: about two replies; at step 9 behind account mail, at step 10 before another."""
    return [1, 1] if one["step"] in {"9 forget", "10 next"} else [1 + (one["address"] in in_window)]
