"""The mail server is gone, busy, rude or forgetful: the request succeeds, and the row says what became of the mail."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.mail import TryingMailServer, guests, row_of, wait_until_quiet
from tests.faults.visitor import ask_all, too_slow
from tests.support.stack import Stack, wait_until

# Not on PostgreSQL: what varies is the mail server. Claims and marks are tried there step by step (test_delivery_steps,
# test_delivery_killed) and with a killed worker (test_worker_killed).
pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.alone, pytest.mark.database_neutral]
# The shortest lease there is: a mail to a server that thinks for longer stays with its worker all the same.
SITE = {"SWEEP_SECONDS": "1", "MAIL_LEASE_SECONDS": "2"}


@pytest.fixture
def log_without_addresses(site: Stack) -> Iterator[None]:
    """Whatever went wrong, no guest's address is in the log."""
    yield
    text = site.log_text()
    assert "mail_" in text, "nothing of it is in the log at all"
    assert "@guests.test" not in text


pytestmark.append(pytest.mark.usefixtures("log_without_addresses"))


def wait_for_row(site: Stack, address: str, state: str, attempts: int = 1) -> dict[str, Any]:
    """Wait until the guest's delivery is in that state after so many tries, and return it."""
    seen: list[dict[str, Any]] = []

    def there() -> bool:
        seen.append(row_of(site, address))
        return seen[-1]["state"] == state and seen[-1]["attempts"] >= attempts

    wait_until(there, 40, f"{address} {state} after {attempts} tries")
    return seen[-1]


def test_connections_refused(site: Stack, mail: TryingMailServer) -> None:
    """Nobody listens for a while."""
    (address,) = asking = guests("refused", 1)
    usual = ask_all(site.port, guests("well", 3))
    wait_until(lambda: all(mail.copies(guests("well", 3)).values()), 30, "mail while all is well")
    mail.stop()
    assert too_slow(ask_all(site.port, asking), usual) == []
    row = wait_for_row(site, address, "retrying", attempts=2)
    assert row["error"].startswith("ConnectionRefusedError")
    mail.start()
    wait_for_row(site, address, "sent")
    wait_until_quiet(site)
    assert mail.copies(asking) == {address: 1}


def test_later_please(site: Stack, mail: TryingMailServer) -> None:
    """4xx is tried again, with the same Message-ID, until it is taken."""
    (address,) = asking = guests("later", 1)
    mail.refused[address] = f"451 4.7.1 <{address}>: greylisted"
    ask_all(site.port, asking)
    row = wait_for_row(site, address, "retrying")
    assert row["error"].startswith("SMTPRecipientsRefused")
    assert "greylisted" in row["error"]
    assert "@" not in row["error"]
    mail.behave(code=f"452 4.3.1 no room for <{address}>", times=1)
    mail.refused.clear()
    row = wait_for_row(site, address, "sent", attempts=3)
    assert mail.ids_tried(address) == [f"<{row['message_key']}@127.0.0.1>"] * 2
    assert mail.copies(asking) == {address: 1}


def test_one_recipient_refused_among_others(site: Stack, mail: TryingMailServer) -> None:
    """5xx is for good: failed, with the server's words but no address, and the others get theirs."""
    others = guests("welcome", 4)
    (address,) = guests("unknown", 1)
    mail.refused[address] = f"550 5.1.1 <{address}>: no such user {address}"
    ask_all(site.port, [*others[:2], address, *others[2:]])
    row = wait_for_row(site, address, "failed")
    assert row["attempts"] == 1
    assert "550" in row["error"]
    assert "no such user" in row["error"]
    assert "@" not in row["error"]
    wait_until(lambda: all(mail.copies(others).values()), 30, "the others' mail")
    wait_until_quiet(site)
    assert mail.copies([*others, address]) == {**dict.fromkeys(others, 1), address: 0}


def test_message_refused_for_good(site: Stack, mail: TryingMailServer) -> None:
    """5xx after the text: not tried again."""
    (address,) = asking = guests("rejected", 1)
    mail.behave(code=f"554 5.7.1 <{address}>: message refused")
    ask_all(site.port, asking)
    row = wait_for_row(site, address, "failed")
    assert row["error"].startswith("SMTPDataError")
    assert "message refused" in row["error"]
    assert "@" not in row["error"]
    wait_until_quiet(site)
    assert len(mail.ids_tried(address)) == 1


@pytest.mark.parametrize(("drop", "copies"), [("before", 1), ("after", 2)])
def test_line_dropped_after_the_text(site: Stack, mail: TryingMailServer, drop: str, copies: int) -> None:
    """Nobody can know whether it was kept; the next try is the same mail, by its Message-ID."""
    (address,) = asking = guests(f"dropped-{drop}", 1)
    mail.behave(drop=drop)
    ask_all(site.port, asking)
    wait_until(lambda: mail.ids_tried(address), 30, "the first try")
    mail.behave()
    assert "@" not in wait_for_row(site, address, "retrying")["error"]
    row = wait_for_row(site, address, "sent")
    wait_until_quiet(site)
    assert mail.copies(asking) == {address: copies}
    assert mail.ids_tried(address) == [f"<{row['message_key']}@127.0.0.1>"] * 2


def test_a_server_that_never_answers_keeps_nobody_waiting(site: Stack, mail: TryingMailServer) -> None:
    """It holds one of the worker's two processes for longer than a lease; the pages do not notice, and each mail comes
    once: the lease is renewed."""
    (first, *others) = asking = guests("hanging", 3)
    mail.behave(delay=5.0)
    answers = ask_all(site.port, [first])
    wait_until(lambda: mail.ids_tried(first), 20, "a mail in the server's hands")
    mail.behave()
    answers += ask_all(site.port, others)
    assert max(answer.seconds for answer in answers if answer.request.startswith("POST")) < 2.0
    wait_until(lambda: all(mail.copies(asking).values()), 30, "every mail")
    wait_until_quiet(site)
    assert mail.copies(asking) == dict.fromkeys(asking, 1)
    assert len(mail.ids_tried(first)) == 1
