"""Redis is gone, or comes back with nothing in it: every question is taken and every mail arrives once."""

import shutil

import pytest

from tests.faults.mail import TryingMailServer, guests, wait_until_quiet
from tests.faults.visitor import ask_all, slowest, too_slow
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.alone]
MODERATORS = ["moderator@example.org", "moderator2@example.org"]


def test_questions_while_redis_is_stopped(site: Stack, mail: TryingMailServer) -> None:
    """300 are taken, none slowly; the worker that was there before finds Redis again by itself."""
    usual = ask_all(site.port, guests("before", 20))
    mail.wait_for(count=20 + len(MODERATORS))
    asking = guests("stopped", 300)
    worker = site.pids()["worker"]
    site.stop_redis()
    answers = ask_all(site.port, asking)
    print(f"slowest answer {slowest(answers):.2f} s, with Redis {slowest(usual):.2f} s")
    assert too_slow(answers, usual) == []
    assert not any(mail.copies(asking).values())
    site.start_redis()
    mail.wait_for(count=320 + len(MODERATORS), timeout=90)
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert mail.copies(MODERATORS) == dict.fromkeys(MODERATORS, 1), "one mail to each moderator, whatever is asked"
    assert site.pids()["worker"] == worker
    site.wait_until_ready()


def test_redis_comes_back_empty(site: Stack, mail: TryingMailServer) -> None:
    """Killed with mails in its queue and others on their way, and its files lost."""
    asking = guests("empty", 40)
    mail.pause = 1.0
    ask_all(site.port, asking)
    assert queued(site) >= 10, "nothing to lose"
    assert not all(mail.copies(asking).values()), "nothing to lose"
    worker = site.pids()["worker"]
    site.stop_redis()
    shutil.rmtree(site.var / "redis")
    mail.pause = 0.0
    site.start_redis()
    wait_until(lambda: all(mail.copies(asking).values()), 60, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert site.pids()["worker"] == worker


def queued(site: Stack) -> int:
    """Return how many tasks wait in Redis."""
    with site.redis() as client:
        return int(client.llen("celery"))
