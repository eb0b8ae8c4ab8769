"""Which mail may leave now, and who sends it: the claim, what goes with it, and what waits behind it.

Nobody is asked for a lock. Whoever changes the row by a conditional UPDATE has the mail for the length of a lease, and
renews it for as long as the process lives. So a lease may be short: it tells the dead from the slow.
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
# One mail tells at most so many things; what is left over leaves with the next one.
GATHER_MOST = 100
# A mail that cannot leave holds up the others to the same person no longer than this.
LONGEST_WAIT = timedelta(hours=1)
# They wait for no other mail: somebody sits before the screen, or it is urgent.
NEVER_WAIT = (Delivery.Kind.ACCOUNT, Delivery.Kind.CONFIRM, Delivery.Kind.DATA, Delivery.Kind.URGENT)


def due() -> QuerySet[Delivery]:
    """Return what should be on its way by now: owed, to be retried, or held by a worker whose lease ran out."""
    return ready().order_by("next_attempt_at")[:SWEEP_BATCH]


def ready() -> QuerySet[Delivery]:
    """Return what may leave now: it is due, and nothing to the same person goes before it."""
    now = timezone.now()
    waits_for_none = ~Q(state=State.OWED) | Q(kind__in=NEVER_WAIT) | Q(next_attempt_at__lte=now - LONGEST_WAIT)
    is_due = Delivery.objects.filter(state__one_of=DUE_STATES, next_attempt_at__lte=now)
    return is_due.filter(waits_for_none | ~Exists(_earlier_to_the_same_person()))


def _earlier_to_the_same_person() -> QuerySet[Delivery]:
    """Return what was owed before and has not left; what is owed for later (a summary, say) goes before nothing."""
    earlier = Delivery.objects.filter(recipient=OuterRef("recipient"), pk__lt=OuterRef("pk"), state__one_of=DUE_STATES)
    return earlier.exclude(state=State.OWED, next_attempt_at__gt=timezone.now())


def claim(delivery_id: int) -> Delivery | None:
    """Take the delivery, and what leaves with it, for a lease; None when it has to wait or somebody else has it."""
    with transaction.atomic():
        row = ready().filter(pk=delivery_id)
        if not row.update(state=State.SENDING, next_attempt_at=_end_of_lease(), attempts=F("attempts") + 1):
            return None
        delivery = Delivery.objects.with_everything().get(pk=delivery_id)
        # Once a mail may have been handed over it stays as it was: a mailbox drops what comes again under the same
        # Message-ID, and with it any news that the first copy did not tell.
        if delivery.bundle and delivery.attempts == 1:
            _gather(delivery)
    return delivery


def _end_of_lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.MAIL_LEASE_SECONDS)


@contextmanager
def held(delivery: Delivery) -> Iterator[None]:
    """Renew the lease of a claimed delivery beside the work on it, however slow that is, until the work or we end."""
    done = Event()
    keeper = Thread(target=_renew_until, args=(done, delivery), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _renew_until(done: Event, delivery: Delivery) -> None:
    """Renew in time for two misses; a usual mail is gone before the first time, and costs no query."""
    try:
        while not done.wait(settings.MAIL_LEASE_SECONDS / 3):
            with suppress(DatabaseError):  # locked, or away for a moment
                if not renew(delivery):
                    return
    finally:
        connection.close()  # this thread's own


def renew(delivery: Delivery) -> bool:
    """Hold a claimed delivery for another lease; False when it is no longer ours."""
    ours = Delivery.objects.filter(pk=delivery.pk, state=State.SENDING, attempts=delivery.attempts)
    return bool(ours.update(next_attempt_at=_end_of_lease()))


def _gather(leader: Delivery) -> None:
    """Let what is due to the same person, of the same bundle and never tried, leave with this mail."""
    unsent = Delivery.objects.filter(recipient=leader.recipient_id, state__one_of=DUE_STATES)
    peers = unsent.filter(bundle=leader.bundle, state=State.OWED, attempts=0, next_attempt_at__lte=timezone.now())
    free = peers.order_by("pk").select_for_update(skip_locked=True)
    found = list(free.values_list("pk", flat=True)[: GATHER_MOST - 1])
    if found:
        Delivery.objects.filter(pk__in=found).update(state=State.GATHERED, gathered_into=leader)


def next_after(delivery: Delivery) -> int | None:
    """Return the next mail to the same person that may have waited for this one."""
    waiting = Delivery.objects.filter(recipient=delivery.recipient_id, state__one_of=DUE_STATES)
    return waiting.filter(next_attempt_at__lte=timezone.now()).order_by("pk").values_list("pk", flat=True).first()


def repair() -> None:
    """Bring back what a clock that jumped, or a leader that will not leave, would keep waiting.

    With the clock right and nothing stopped by hand it finds no row.
    """
    now = timezone.now()
    lease = timedelta(seconds=settings.MAIL_LEASE_SECONDS)
    unsent = Delivery.objects.filter(state__one_of=DUE_STATES)
    unsent.filter(state=State.SENDING, next_attempt_at__gt=now + 2 * lease).update(next_attempt_at=now + lease)
    # Later than the longest pause, and than a decision's mails wait for an undo.
    far = now + timedelta(hours=5)
    unsent.filter(state=State.RETRYING, next_attempt_at__gt=far).update(next_attempt_at=now)
    _bring_back_from_the_future(unsent)
    leader = Delivery.objects.filter(pk=OuterRef("gathered_into"), state__one_of=DUE_STATES)
    orphans = Delivery.objects.filter(~Exists(leader), state=State.GATHERED)
    orphans.update(state=State.OWED, gathered_into=None)


def _bring_back_from_the_future(unsent: QuerySet[Delivery]) -> None:
    """What was owed while the clock was ahead is due as long after now as it was meant to be after then."""
    now = timezone.now()
    margin = timedelta(minutes=1)  # two machines never agree to the second
    from_ahead = unsent.filter(state=State.OWED, next_attempt_at__gt=now, created_at__gt=now + margin)
    for row in from_ahead[:SWEEP_BATCH]:
        delay = max(row.next_attempt_at - row.created_at, timedelta())
        same = Delivery.objects.filter(pk=row.pk, state=State.OWED, created_at=row.created_at)
        same.update(created_at=now, next_attempt_at=now + delay)
