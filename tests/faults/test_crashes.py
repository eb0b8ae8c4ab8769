"""A worker's process dies at each step of a delivery, a web process before it has told the queue: all leaves soon after.

The lease, the sweep and the pauses of the long run are those of production.
"""

import json
import os
import random
import time
from typing import Any

import pytest

from tests.faults.mail import TryingMailServer, is_undone, rows
from tests.faults.sizes import sized
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=60), pytest.mark.faults]
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


def test_a_crash_of_the_web_between_commit_and_publish(at_rest: Stack, mail: TryingMailServer) -> None:
    found = crash(at_rest, f"requests({REQUESTS})")
    addresses = [one["address"] for one in found["done"] if one["died"]]
    assert len(addresses) == found["stored"] == REQUESTS
    seconds = restart(at_rest)
    print(f"{REQUESTS} requests killed after the commit; after the restart all mails within {seconds:.0f} s")
    assert mail.copies(addresses) == dict.fromkeys(addresses, 1)


def crash(site: Stack, what: str) -> Any:
    """Let something crash in the site's own Django; return what it says about that."""
    return json.loads(site.shell(f"from tests.faults import crashing; crashing.{what}").strip().splitlines()[-1])


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
    """Return the copies of the two mails about questions; step 9 is tried with account mail, which comes third."""
    first = 1 + (one["address"] in in_window)
    return [1, 1, 1] if one["step"] == "9 forget" else [first, 1]
