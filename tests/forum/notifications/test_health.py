"""What is said to whoever watches the site: when mail is late, when nothing gets through, and to whom not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from config import environment
from forum.models import Delivery
from forum.notifications import health
from tests.forum.notifications.rows import HOUR, contact, mail
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
MINUTE = timedelta(minutes=1)
TOKEN = "a-token-of-more-than-twenty-characters"


@pytest.fixture(autouse=True)
def everything_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis and the worker are well: what is said here depends on the mail."""
    monkeypatch.setattr("forum.redis_guard.answers", lambda: True)
    monkeypatch.setattr("forum.notifications.health.is_worker_alive", lambda: True)


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    """Return the status and the words of /readyz."""
    answer = client.get("/readyz", secure=True)
    return answer.status_code, answer.json()


def test_all_is_well(client: Client) -> None:
    mail("sent")
    mail("owed", next_attempt_at=timezone.now() + HOUR)
    status, said = ready(client)
    assert (status, said["status"], said["mail"], said["alarms"]) == (200, "ready", True, [])
    assert (said["oldest_due_mail_seconds"], said["mail_retrying"], said["mail_failed"]) == (0, 0, 0)


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 503)])
def test_due_mail_that_does_not_leave(client: Client, minutes: int, status: int) -> None:
    mail("owed", next_attempt_at=timezone.now() - minutes * MINUTE)
    found, said = ready(client)
    assert found == status and said["alarms"] == ["mail-late"] * (status == 503)
    assert minutes * 60 <= said["oldest_due_mail_seconds"] < minutes * 60 + 30


def test_what_waits_for_another_mail_to_the_same_person_is_not_late(client: Client) -> None:
    person = contact()
    mail("retrying", person, failing_since=timezone.now() - 20 * MINUTE)
    mail("owed", person, next_attempt_at=timezone.now() - 20 * MINUTE)
    mail("sent")
    assert ready(client)[1]["oldest_due_mail_seconds"] == 0


def test_a_mail_server_that_takes_nothing(client: Client) -> None:
    """Everything pauses, so nothing is due: that it has failed for so long says what is wrong."""
    mail("sent")
    long_ago = timezone.now() - 5 * HOUR
    mail("retrying", failing_since=long_ago)  # one full mailbox; what was owed later has been sent
    mail("sent", contact("other@guests.test"))
    assert ready(client)[0] == 200
    mail("retrying", contact("third@guests.test"), failing_since=timezone.now() - 14 * MINUTE)
    assert ready(client)[0] == 200
    Delivery.objects.filter(state="retrying").exclude(failing_since=long_ago).update(
        failing_since=timezone.now() - 16 * MINUTE
    )
    status, said = ready(client)
    assert (status, said["mail"], said["alarms"], said["mail_retrying"]) == (503, False, ["mail-server"], 2)
    assert said["oldest_failing_mail_seconds"] >= 5 * 3600


def test_many_refused_for_good(client: Client) -> None:
    """A few are mistyped addresses, and old ones are known."""
    for _ in range(10):
        mail("failed", failing_since=timezone.now() - timedelta(days=3))
    for _ in range(health.MANY_FAILED - 1):
        mail("failed")
    status, said = ready(client)
    assert (status, said["alarms"], said["mail_failed"]) == (200, [], 14)
    mail("failed")
    status, said = ready(client)
    assert (status, said["alarms"], said["mail_failed"]) == (503, ["mail-failed"], 15)


def test_counts_stop(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "COUNT_LIMIT", 3)
    for _ in range(6):
        mail("failed", failing_since=timezone.now() - timedelta(days=3))
    assert ready(client)[1]["mail_failed"] == 4


def test_no_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "mail_health", broken)
    status, said = ready(client)
    assert (status, said["database"], said["mail"], said["mail_failed"]) == (503, False, False, None)


# --- Metrics


@pytest.mark.parametrize(
    ("given", "status"),
    [(f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 404), (TOKEN, 404), ("Bearer ", 404), ("", 404), ("Bearer é", 404)],
)
def test_metrics_are_for_whoever_has_the_token(client: Client, settings: Any, given: str, status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics", headers={"authorization": given}, secure=True).status_code == status


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer"])
def test_without_a_token_there_is_no_such_page(client: Client, settings: Any, given: str) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": given}, secure=True).status_code == 404


def test_what_the_metrics_say(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    mail("owed", next_attempt_at=timezone.now() - 20 * MINUTE)
    mail("failed", last_error="canary@guests.test")
    text = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, secure=True).text
    for line in (
        'hsp_up{part="worker"} 1.0',
        'hsp_mail{state="owed"} 1.0',
        'hsp_mail{state="failed"} 1.0',
        'hsp_alarm{name="mail-late"} 1.0',
        'hsp_alarm{name="mail-server"} 0.0',
    ):
        assert line in text.splitlines()
    assert 'hsp_mail_oldest_seconds{what="due"} 12' in text and "canary" not in text
    # Asked again, the numbers are of that moment.
    Delivery.objects.all().delete()
    text = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, secure=True).text
    assert 'hsp_mail{state="owed"} 0.0' in text.splitlines()


def test_a_short_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "short")
    with pytest.raises(Exception, match="METRICS_TOKEN"):
        environment.metrics_token()
