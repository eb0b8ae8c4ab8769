"""Claims and leases of mails: which one may leave now, which worker sends it, and which others leave with it.

There are no locks: the worker whose conditional UPDATE changed the row has the mail for the length of a lease, and
renews it while its process lives. Leases can be short, since only a dead worker does not renew.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from forum.models import Delivery

State = Delivery.State
DUE_STATES = (State.OWED, State.SENDING, State.RETRYING)
SWEEP_BATCH = 500
# Maximum of deliveries in one mail; the others are sent with the next one.
GATHER_LIMIT = 100
# How long a mail that cannot be sent may delay others to the same person.
MAX_WAIT = timedelta(hours=1)
# Kinds that wait for no other mail: the person is waiting for them, or they are urgent.
NEVER_WAIT = (Delivery.Kind.ACCOUNT, Delivery.Kind.CONFIRM, Delivery.Kind.DATA, Delivery.Kind.URGENT)


def due_deliveries() -> QuerySet[Delivery]:
    return ready().order_by("next_attempt_at")[:SWEEP_BATCH]


def ready() -> QuerySet[Delivery]:
    now = timezone.now()
    waits_for_none = ~Q(state=State.OWED) | Q(kind__in=NEVER_WAIT) | Q(next_attempt_at__lte=now - MAX_WAIT)
    is_due = Delivery.objects.filter(state__one_of=DUE_STATES, next_attempt_at__lte=now)
    return is_due.filter(waits_for_none | ~Exists(_earlier_to_the_same_person()))


def _earlier_to_the_same_person() -> QuerySet[Delivery]:
    earlier = Delivery.objects.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"), state__one_of=DUE_STATES)
    return earlier.exclude(state=State.OWED, next_attempt_at__gt=timezone.now())


def claim(delivery_id: int) -> Delivery | None:
    """Claim the delivery and its bundle; return None if it has to wait or another worker has it."""
    with transaction.atomic():
        row = ready().filter(pk=delivery_id)
        if not row.update(state=State.SENDING, next_attempt_at=_end_of_lease(), attempts=F("attempts") + 1):
            return None
        delivery = Delivery.objects.with_everything().get(pk=delivery_id)
        # Only at the first attempt: a mailbox drops a second mail with the same Message-ID, and anything that was added
        # to the retry would get lost with it.
        if delivery.bundle and delivery.attempts == 1:
            _gather(delivery)
    return delivery


def _end_of_lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.MAIL_LEASE_SECONDS)


@contextmanager
def held(delivery: Delivery) -> Iterator[None]:
    """Renew the lease in a thread until the work or the process ends, so that a slow mail server does not lose it."""
    done = Event()
    keeper = Thread(target=_renew_until, args=(done, delivery), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _renew_until(done: Event, delivery: Delivery) -> None:
    # Renewed after each third of the lease, so that two renewals may fail. Most mails are sent before the first.
    try:
        while not done.wait(settings.MAIL_LEASE_SECONDS / 3):
            with suppress(DatabaseError):  # the database is locked, or briefly unavailable
                if not renew(delivery):
                    return
    finally:
        connection.close()  # this thread's own


def renew(delivery: Delivery) -> bool:
    ours = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    return bool(ours.update(next_attempt_at=_end_of_lease()))


def _gather(leader: Delivery) -> None:
    unsent = Delivery.objects.filter(recipient=leader.recipient_id, state__one_of=DUE_STATES)
    peers = unsent.filter(bundle=leader.bundle, state=State.OWED, attempts=0, next_attempt_at__lte=timezone.now())
    free = peers.order_by("pk").select_for_update(skip_locked=True)
    found = list(free.values_list("pk", flat=True)[: GATHER_LIMIT - 1])
    if found:
        Delivery.objects.filter(pk__in=found).update(state=State.GATHERED, gathered_into=leader)


def next_after(delivery: Delivery) -> int | None:
    waiting = Delivery.objects.filter(recipient=delivery.recipient_id, state__one_of=DUE_STATES)
    return waiting.filter(next_attempt_at__lte=timezone.now()).order_by("pk").values_list("pk", flat=True).first()


def repair() -> None:
    """Reset deliveries that a clock change or a stuck leader would block; normally there are none."""
    now = timezone.now()
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    unsent = Delivery.objects.filter(state__one_of=DUE_STATES)
    unsent.filter(state=State.SENDING, next_attempt_at__gt=now + 2 * lease).update(next_attempt_at=now + lease)
    # Longer than MAX_PAUSE_SECONDS, and than mails about a decision wait for an undo.
    far = now + timedelta(hours=5)
    unsent.filter(state=State.RETRYING, next_attempt_at__gt=far).update(next_attempt_at=now)
    _bring_back_from_the_future(unsent)
    leader = Delivery.objects.filter(pk=OuterRef("gathered_into"), state__one_of=DUE_STATES)
    orphans = Delivery.objects.filter(~Exists(leader), state=State.GATHERED)
    orphans.update(state=State.OWED, gathered_into=None)


def _bring_back_from_the_future(unsent: QuerySet[Delivery]) -> None:
    now = timezone.now()
    margin = timedelta(minutes=1)  # two machines never agree to the second
    from_ahead = unsent.filter(state=State.OWED, next_attempt_at__gt=now, created_at__gt=now + margin)
    for row in from_ahead[:SWEEP_BATCH]:
        delay = max(row.next_attempt_at - row.created_at, timedelta())
        same = Delivery.objects.filter(pk=row.pk, state=State.OWED, created_at=row.created_at)
        same.update(created_at=now, next_attempt_at=now + delay)
