"""Redis is gone, or comes back with nothing in it: every question is taken and every mail arrives once."""

import shutil

import pytest

from tests.faults.mail import TryingMailServer, guests, wait_until_quiet
from tests.faults.visitor import ask_all, slower_than
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow]
MODERATORS = ["moderator@example.org", "moderator2@example.org"]


def test_questions_while_redis_is_stopped(site: Stack, mail: TryingMailServer) -> None:
    """300 are taken, none slowly; the worker that was there before finds Redis again by itself."""
    asking = guests("stopped", 300)
    worker = site.pids()["worker"]
    site.stop_redis()
    answers = ask_all(site.port, asking)
    assert slower_than(1.0, answers) == []
    assert mail.mails == []
    site.start_redis()
    mail.wait_for(count=300 + len(MODERATORS), timeout=90)
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert mail.copies(MODERATORS) == dict.fromkeys(MODERATORS, 1), "300 posts are one mail to each moderator"
    assert site.pids()["worker"] == worker
    site.wait_until_ready()


def test_redis_comes_back_empty(site: Stack, mail: TryingMailServer) -> None:
    """Killed with mails in its queue and others on their way, and its files lost."""
    asking = guests("empty", 40)
    mail.pause = 0.3
    ask_all(site.port, asking)
    assert queued(site) >= 20, "nothing to lose"
    worker = site.pids()["worker"]
    site.stop_redis()
    shutil.rmtree(site.var / "redis")
    site.start_redis()
    wait_until(lambda: all(mail.copies(asking).values()), 60, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert site.pids()["worker"] == worker


def queued(site: Stack) -> int:
    """Return how many tasks wait in Redis."""
    with site.redis() as client:
        return int(client.llen("celery"))
