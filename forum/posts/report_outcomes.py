"""Outcomes of reports: what a transition makes of the open reports on its post. Filing: forum.posts.reports."""

from datetime import timedelta

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import User
from forum.models import LogEntry, Report, Sanction
from forum.states import ASKING, DECISIONS, Move, State

Outcome = Report.Outcome
LEAVING = {Move.WITHDRAW, Move.EXPIRE, Move.ERASE}
ANSWERING = (DECISIONS - ASKING) | LEAVING
# A guest's key is used to answer "have you reported this already?" and to count a record; after that it is forgotten.
KEYS_KEPT = timedelta(days=28)
FORGOTTEN = "forgotten:"


def resolve(entry: LogEntry) -> list[Report]:
    """Close and return the open reports that a transition answers; call inside its transaction.

    Asking somebody and hiding answer nothing.
    """
    if entry.move not in ANSWERING:
        return []
    found = list(Report.objects.filter(post=entry.post, outcome=Outcome.OPEN).select_related("reporter"))
    if not found:
        return []
    outcome = _outcome(entry)
    answered = Report.objects.filter(pk__in=[report.pk for report in found])
    answered.update(outcome=outcome, decided_at=timezone.now(), entry=entry)
    return found


def reopen(entry: LogEntry) -> None:
    """Call inside the transaction that undoes the decision."""
    Report.objects.filter(entry=entry).update(outcome=Outcome.OPEN, decided_at=None, entry=None)


def _outcome(entry: LogEntry) -> Report.Outcome:
    if entry.move in LEAVING:
        return Outcome.GONE
    if entry.after != State.PUBLISHED or entry.move == Move.MASK:
        return Outcome.UPHELD
    # Hidden, changed by its author and published again: the reports have changed it.
    since = LogEntry.objects.filter(post=entry.post, move__in=[Move.EDIT, Move.HIDE], pk__lt=entry.pk)
    last = since.order_by("-id").values_list("move", flat=True).first()
    return Outcome.UPHELD if last == Move.EDIT and entry.move == Move.PUBLISH else Outcome.KEPT


def disown(reporter: User) -> None:
    mine = Report.objects.filter(reporter=reporter)
    mine.update(reporter=None, reporter_key=forgotten_key(), note="")


def forget_old_keys() -> int:
    """Forget networks four weeks after a report's outcome, or when a mute ends; return the number of reports."""
    before = timezone.now() - KEYS_KEPT
    Sanction.objects.filter(user=None, ends_at__lt=before).exclude(reporter_key__startswith=FORGOTTEN).update(
        reporter_key=forgotten_key()
    )
    return guests_keys().filter(decided_at__lt=before).update(reporter_key=forgotten_key())


def guests_keys() -> QuerySet[Report]:
    guests = Report.objects.filter(reporter=None)
    return guests.exclude(reporter_key__startswith=FORGOTTEN).exclude(reporter_key__startswith="member:")


def forgotten_key() -> Concat:
    """Return a different value for each report, so that nothing shows which reports came from one guest."""
    return Concat(Value(FORGOTTEN), Cast(F("pk"), CharField()), output_field=CharField())
