"""Redis is gone, or comes back with nothing in it: every question is taken and every mail arrives once."""

import shutil
import signal
import time
from collections.abc import Callable
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
    """All are taken, none slowly; the worker finds Redis again, or is started again when it went once more meanwhile."""
    usual = ask_all(site.port, guests("before", 20))
    mail.wait_for(count=20 + len(MODERATORS))
    asking = guests("asking", POSTS)
    began = time.monotonic()
    answers = ask_while_redis_suffers(site, asking)
    asked = time.monotonic() - began
    wait_until(lambda: all(mail.copies(asking).values()), 180, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert mail.copies(MODERATORS) == dict.fromkeys(MODERATORS, 1), "one mail to each moderator, whatever is asked"
    print(
        f"{POSTS} questions taken in {asked:.0f} s, all mails after {time.monotonic() - began:.0f} s; slowest answer "
        f"{slowest(answers):.2f} s, p99 {slowest_of_a_hundred(answers):.2f} s, with Redis {slowest(usual):.2f} s"
    )
    assert too_slow(answers, usual) == []
    site.wait_until_ready()


def ask_while_redis_suffers(site: Stack, asking: list[str]) -> list[Answer]:
    """Ask in ten rounds; beside some of them Redis is stopped for a while, killed, and killed with its files lost."""

    def lose_redis() -> None:
        site.stop_redis()
        shutil.rmtree(site.var / "redis")

    beside: dict[int, Callable[[], None]] = {
        1: lambda: site.stop_redis(signal.SIGTERM),
        5: site.start_redis,
        6: site.stop_redis,
        7: site.start_redis,
        8: lose_redis,
        9: site.start_redis,
    }
    answers: list[Answer] = []
    with ThreadPoolExecutor(1) as people:
        for number in range(10):
            posting = people.submit(ask_all, site.port, asking[number::10])
            beside.get(number, lambda: None)()
            answers += posting.result()
    return answers


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
