"""Redis hangs: it takes connections and answers nothing. Everybody goes on, and nobody waits for it."""

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.mail import TryingMailServer, guests, wait_until_quiet
from tests.faults.sizes import sized
from tests.faults.visitor import ARTICLE, Answer, Visitor, ask_all, slowest, slowest_of_a_hundred, too_slow
from tests.support.smtp import Received
from tests.support.stack import Stack, wait_until

# Not on PostgreSQL: what varies is Redis. A request that waited for it inside a transaction would keep SQLite's only lock:
# that is the harder case.
pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.alone, pytest.mark.database_neutral]
# Longer than forum.redis_guard.OPEN_SECONDS: each process finds out more than once that Redis hangs.
FROZEN_SECONDS = 12.0
DECISIONS = 8
POSTS = sized(20, 200)
# Sign-in is counted by name and network; somebody who signs in all the time would be told to wait.
MEMBERS = ["member@example.org", "physician@example.org", "editor@example.org", "moderator2@example.org"]


def test_sign_in_right_after_redis_hung(site: Stack) -> None:
    """The first in this module: each process learns by a sign-in that Redis hangs. What that leaves behind is short."""
    site.freeze_redis()
    try:
        with ThreadPoolExecutor(len(MEMBERS)) as people:
            list(people.map(lambda who: sign_in(site, who), MEMBERS))
    finally:
        site.thaw_redis()
    sign_in(site, MEMBERS[0])


def test_everything_goes_on_while_redis_hangs(site: Stack, mail: TryingMailServer) -> None:
    """Reading, asking, deciding, signing in; /readyz says at once what is wrong. Afterwards each mail comes once."""
    moderator = Visitor(site.port)
    assert moderator.sign_in("moderator@example.org").status == 302
    usual = [
        *one_round(site, moderator, "usual@guests.test", ready={200, 503}),
        *moderator.answers,
        *sign_in(site, "member@example.org"),
    ]
    asking = guests("frozen", 100)
    answers: list[Answer] = []
    site.freeze_redis()
    try:
        until = time.monotonic() + FROZEN_SECONDS
        asked = 0
        while time.monotonic() < until:
            answers += one_round(site, moderator, asking[asked])
            if asked < len(MEMBERS):
                answers += sign_in(site, MEMBERS[asked])
            asked += 1
    finally:
        site.thaw_redis()
    print(f"{asked} rounds; slowest answer {slowest(answers):.2f} s, usually {slowest(usual):.2f} s")
    assert asked >= len(MEMBERS)
    assert too_slow(answers, usual) == []
    asked_by = asking[:asked]
    wait_until(lambda: all(mail.copies(asked_by).values()), 60, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asked_by) == dict.fromkeys(asked_by, 1)
    site.wait_until_ready()


@pytest.mark.faults
def test_posts_while_redis_hangs(site: Stack, mail: TryingMailServer) -> None:
    """One after the other and two at once: of a hundred answers at most one takes more than a second, and none fails."""
    asking = guests("hung", POSTS)
    site.freeze_redis()
    try:
        answers = ask_all(site.port, asking)
    finally:
        site.thaw_redis()
    posts = [answer for answer in answers if answer.request.startswith("POST")]
    print(f"{len(posts)} posts; p99 {slowest_of_a_hundred(posts):.2f} s, slowest {slowest(posts):.2f} s")
    assert len(posts) == POSTS
    assert slowest_of_a_hundred(posts) <= 1.0
    wait_until(lambda: all(mail.copies(asking).values()), 90, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)


def test_decisions_find_out_that_redis_hangs(site: Stack, mail: TryingMailServer) -> None:
    """A decision counts nothing in Redis: the mail it owes is the first to notice. It arrives later, once for each."""
    member, moderator = Visitor(site.port), Visitor(site.port)
    assert member.sign_in("member@example.org").status == 302
    assert moderator.sign_in("moderator@example.org").status == 302
    wait_until_quiet(site)
    before = len(mail.sent_to("member@example.org"))
    for number in range(DECISIONS):
        assert member.ask("", f"Is this the member's question number {number}?").status == 302
    usual = [*moderator.answers, moderator.publish_one()]
    site.freeze_redis()
    try:
        answers = [moderator.publish_one() for _ in range(DECISIONS - 1)]
    finally:
        site.thaw_redis()
    assert {answer.status for answer in answers} == {302}
    assert too_slow(answers, usual) == []
    wait_until(lambda: len(mail.sent_to("member@example.org")) >= before + DECISIONS, 60, "every mail")
    wait_until_quiet(site)
    assert len(mail.sent_to("member@example.org")) == before + DECISIONS


def test_sign_in_code_asked_for_while_redis_hangs(site: Stack, mail: TryingMailServer) -> None:
    """Account mail goes the same way: the page comes at once, and the code arrives later, once."""
    visitor = Visitor(site.port)
    usual = [visitor.get("/accounts/login/code/")]
    site.freeze_redis()
    try:
        page = visitor.get("/accounts/login/code/")
        answer = visitor.post("/accounts/login/code/", page, email="member@example.org")
    finally:
        site.thaw_redis()
    assert answer.status == 302
    assert too_slow(visitor.answers, usual) == []
    wait_until(lambda: codes(mail), 60, "the code")
    wait_until_quiet(site)
    assert len(codes(mail)) == 1


def codes(mail: TryingMailServer) -> list[Received]:
    """Return the account mail that the member got."""
    return [got for got in mail.sent_to("member@example.org") if "List-Id" not in got.message]


def one_round(site: Stack, moderator: Visitor, address: str, *, ready: Collection[int] = (503,)) -> list[Answer]:
    """Read the article, ask, look at the status page, publish what waits, ask /readyz; return the answers."""
    guest = Visitor(site.port)
    assert guest.get(ARTICLE).status == 200
    asked = guest.ask(address, f"Is this the question of {address.partition('@')[0]}?")
    assert (asked.status, asked.location[:3]) == (302, "/p/"), f"not taken: {asked}"
    assert guest.get(asked.location).status == 200
    decided_before = len(moderator.answers)
    decided = moderator.publish_one()
    assert (decided.status, decided.location) == (302, "/moderation/"), f"not published: {decided}"
    assert guest.get("/questions/").status == 200
    assert guest.get("/healthz").status == 200
    # For some seconds after an earlier test a process may still think that Redis is away.
    assert guest.get("/readyz").status in ready
    return guest.answers + moderator.answers[decided_before:]


def sign_in(site: Stack, address: str) -> list[Answer]:
    """Sign in and open one's own page; return the answers."""
    member = Visitor(site.port)
    signed_in = member.sign_in(address)
    assert signed_in.status == 302, f"not signed in: {signed_in}"
    assert member.get("/me/").status == 200
    return member.answers
