"""Fills a database with mail that was sent in years, and beside it as much that has not been sent as on any day."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts import roles
from accounts.models import Contact
from forum.models import Delivery
from tests import factories
from tests.scale.filling import ON_SQLITE, before, numbers, unchecked

BIG = ("accounts_contact", "forum_delivery")
GUESTS = 20_000
# The same few in each state, whatever was sent.
OPEN = {"owed": 300, "retrying": 60, "failed": 60, "suppressed": 60, "gathered": 30, "later": 100}


def fill(sent: int) -> None:
    """Fill the database of the present connection with that many sent mails, every tenth to one and the same person."""
    busy = Contact.objects.for_user(factories.person("Busy", roles.STAFF, is_staff=True))
    with unchecked(BIG), connection.cursor() as cursor:
        for sql in _statements(sent, busy.pk):
            cursor.execute(sql)
    with connection.cursor() as cursor:
        for table in BIG if not ON_SQLITE else ():
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
    _open(busy)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if ON_SQLITE else "VACUUM ANALYZE")


def _statements(sent: int, busy: int) -> tuple[str, str]:
    """Return the statements that write the guests, and what was sent to them."""
    guest = f"{busy + 1} + i % {GUESTS}"
    key = "lower(hex(randomblob(16)))" if ON_SQLITE else "gen_random_uuid()"
    when = before(f"{5 * 365 * 86_400} - i * CAST({(5 * 365 - 3) * 86_400 / sent} AS double precision)")
    return (
        f"""INSERT INTO accounts_contact (id, address, address_key, token, links_only, confirmed_at, created_at)
            SELECT {busy + 1} + i, 'guest' || i || '@guests.test', 'key-' || i, 'scale-' || i, false, {before("i")}, {before("i")}
            FROM {numbers(0, GUESTS - 1)} AS n""",
        f"""INSERT INTO forum_delivery (event, kind, recipient_id, bundle, message_key, state, attempts, next_attempt_at,
                last_error, created_at, sent_at)
            SELECT 'scale:' || i, CASE WHEN i % 10 = 0 THEN 'queue' ELSE 'reply' END,
                CASE WHEN i % 10 = 0 THEN {busy} ELSE {guest} END,
                CASE WHEN i % 20 = 0 THEN 'thread:1' WHEN i % 20 = 1 THEN 'thread:2' ELSE '' END,
                {key}, CASE WHEN i % 50 = 7 THEN 'cancelled' ELSE 'sent' END, 1, {when}, '', {when},
                CASE WHEN i % 50 <> 7 THEN {when} END
            FROM {numbers(1, sent)} AS n""",
    )


def _open(busy: Contact) -> None:
    """Write what has not been sent: to many guests, and a burst to the busy one."""
    now = timezone.now()
    fields = {
        "retrying": {"attempts": 2, "failing_since": now, "next_attempt_at": now + timedelta(hours=1)},
        "failed": {"attempts": 1, "failing_since": now - timedelta(days=9)},
        "later": {"state": "owed", "next_attempt_at": now + timedelta(days=3)},
    }
    guests = list(Contact.objects.filter(user=None).order_by("pk")[: sum(OPEN.values())])
    rows = []
    for state, count in OPEN.items():
        for number in range(count):
            about = {"kind": Delivery.Kind.REPLY, "event": f"open-{state}:{number}", "recipient": guests.pop()}
            rows.append(Delivery(**{**about, "state": state, "next_attempt_at": now, **fields.get(state, {})}))
    burst = {"kind": Delivery.Kind.REPLY, "recipient": busy, "bundle": "thread:1", "next_attempt_at": now}
    rows += [Delivery(event=f"burst:{number}", **burst) for number in range(20)]
    Delivery.objects.bulk_create(rows)
    leader = Delivery.objects.filter(state="retrying").earliest("pk")
    Delivery.objects.filter(state="gathered").update(gathered_into=leader, recipient=leader.recipient_id)
