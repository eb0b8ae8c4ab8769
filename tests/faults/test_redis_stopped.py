"""Redis is gone, or comes back with nothing in it: every question is taken and every mail arrives once."""

import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.mail import TryingMailServer, guests, wait_until_quiet
from tests.faults.sizes import sized
from tests.faults.visitor import Answer, ask_all, slowest, slowest_of_a_hundred, too_slow
from tests.support.stack import Stack, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.alone]
MODERATORS = ["moderator@example.org", "moderator2@example.org"]
POSTS = sized(300, 2000)


@pytest.mark.faults
def test_questions_while_redis_is_stopped_killed_and_emptied(site: Stack, mail: TryingMailServer) -> None:
    """All are taken, none slowly; the worker that was there before finds Redis again by itself."""
    usual = ask_all(site.port, guests("before", 20))
    mail.wait_for(count=20 + len(MODERATORS))
    asking = guests("asking", POSTS)
    worker = site.pids()["worker"]
    began = time.monotonic()
    answers = ask_while_redis_suffers(site, asking)
    asked = time.monotonic() - began
    wait_until(lambda: all(mail.copies(asking).values()), 180, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert mail.copies(MODERATORS) == dict.fromkeys(MODERATORS, 1), "one mail to each moderator, whatever is asked"
    assert site.pids()["worker"] == worker
    print(
        f"{POSTS} questions taken in {asked:.0f} s, all mails after {time.monotonic() - began:.0f} s; slowest answer "
        f"{slowest(answers):.2f} s, p99 {slowest_of_a_hundred(answers):.2f} s, with Redis {slowest(usual):.2f} s"
    )
    assert too_slow(answers, usual) == []
    site.wait_until_ready()


def ask_while_redis_suffers(site: Stack, asking: list[str]) -> list[Answer]:
    """Ask without a pause; meanwhile Redis is stopped for a while, killed, and killed with its files lost."""
    taken: list[str] = []

    def wait_for(share: float) -> None:
        goal = len(asking) * share
        wait_until(lambda: len(taken) >= goal or posting.done(), 120, f"{goal:.0f} questions")

    with ThreadPoolExecutor(1) as people:
        posting = people.submit(ask_all, site.port, asking, taken)
        wait_for(0.1)
        site.stop_redis(signal.SIGTERM)
        wait_for(0.5)
        site.start_redis()
        wait_for(0.6)
        site.stop_redis()
        wait_for(0.7)
        site.start_redis()
        wait_for(0.8)
        site.stop_redis()
        shutil.rmtree(site.var / "redis")
        wait_for(0.9)
        site.start_redis()
        assert not posting.done(), "all was asked before Redis had suffered all"
        return posting.result()


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


def test_redis_is_full(site: Stack, mail: TryingMailServer) -> None:
    """It answers, and stores nothing: questions are taken and their mails leave once there is room."""
    asking = guests("full", 5)
    with site.redis() as client:
        client.config_set("maxmemory", 1)
        try:
            answers = ask_all(site.port, asking)
        finally:
            client.config_set("maxmemory", 0)
    assert slowest(answers) < 5
    wait_until(lambda: all(mail.copies(asking).values()), 60, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)


def queued(site: Stack) -> int:
    """Return how many tasks wait in Redis."""
    with site.redis() as client:
        return int(client.llen("celery"))
