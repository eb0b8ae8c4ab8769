"""Sanctions on members for a number of days. They expire or are lifted, and the member is told the reason."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import formats, timezone

from accounts.models import Contact, User
from forum import audit
from forum.models import Delivery, Post, Report, Sanction
from forum.notifications import outbox
from forum.states import Act

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

Kind = Sanction.Kind
BARRING = (Kind.PAUSE, Kind.CLOSE)
MAX_DAYS = 365
MUTE_DAYS = 90
SEARCH_LIMIT = 20
_signer = signing.Signer(salt="forum.moderation.person", sep=".")


class NotAllowed(Exception):
    """The moderator may not decide about this person; the message says why."""


class Already(Exception):
    def __init__(self, sanction: Sanction) -> None:
        super().__init__("It is already in force.")
        self.sanction = sanction


@dataclass(frozen=True)
class Measure:
    kind: str
    days: int  # 1 to MAX_DAYS
    reason: str  # read by the person


def impose(user: User, measure: Measure, *, actor: User) -> Sanction:
    """Impose the sanction and queue the mail about it. Raises NotAllowed or Already."""
    check(actor, user)
    with transaction.atomic():
        # Two concurrent sanctions wait for each other here, so the second one raises Already.
        User.objects.select_for_update().get(pk=user.pk)
        sanction = _put(Sanction.objects.on(user, measure.kind), measure, actor, user=user)
        if measure.kind == Kind.MUTE:
            _uncount(Report.objects.filter(reporter=user))
        audit.act(
            Act.SANCTION,
            actor=actor,
            subject=user,
            reason=measure.reason,
            kind=[None, measure.kind],
            days=[None, measure.days],
        )
        _tell(sanction, user)
    return sanction


def mute_reporter(report: Report, *, reason: str, actor: User, days: int = MUTE_DAYS) -> Sanction:
    """Stop counting the reports of the person who sent this one, without revealing to the moderator who it is.

    Raises NotAllowed or Already. The log names the report, not the person.
    """
    measure = Measure(Kind.MUTE, days, reason)
    if report.reporter is not None:
        check(actor, report.reporter)
    with transaction.atomic():
        Post.objects.select_for_update().get(pk=report.post_id)
        if report.reporter is not None:
            in_force = Sanction.objects.on(report.reporter, Kind.MUTE)
            whom: dict[str, Any] = {"user": report.reporter}
        else:
            in_force = Sanction.objects.in_force().filter(reporter_key=report.reporter_key, kind=Kind.MUTE)
            whom = {"reporter_key": report.reporter_key}
        sanction = _put(in_force, measure, actor, **whom)
        _uncount(Report.objects.filter(reporter_key=report.reporter_key))
        number = [None, report.pk]
        audit.act(Act.SANCTION, actor=actor, reason=reason, kind=[None, Kind.MUTE], days=[None, days], report=number)
        if report.reporter is not None:
            _tell(sanction, report.reporter)
    return sanction


def lift(sanction: Sanction, *, actor: User) -> bool:
    """End the sanction early; False if it has ended already. Raises NotAllowed."""
    if sanction.user is not None:
        check(actor, sanction.user)
    with transaction.atomic():
        row = Sanction.objects.in_force().filter(pk=sanction.pk)
        if not row.update(lifted_at=timezone.now(), lifted_by=actor):
            return False
        audit.act(Act.LIFT, actor=actor, subject=sanction.user, kind=[sanction.kind, None])
    return True


def check(actor: User, target: User) -> None:
    """Raise NotAllowed for oneself, without the permission, and for staff or moderators unless the actor is staff."""
    if actor.pk == target.pk:
        raise NotAllowed("Nobody decides about their own account.")
    if not actor.has_perm("forum.sanction_members"):
        raise NotAllowed("Your role does not include this.")
    if is_protected(target) and not actor.has_perm("forum.tune_rules"):
        raise NotAllowed("Only staff decide about moderators and staff.")
    if target.is_superuser and not actor.is_superuser:
        raise NotAllowed("Only an operator decides about an operator.")


def is_protected(user: User) -> bool:
    return user.is_staff or user.is_superuser or any(user.has_perm(f"forum.{name}") for name in PROTECTED)


PROTECTED = ("moderate_posts", "tune_rules")


def barring(user: "User | AnonymousUser | None") -> Sanction | None:
    return Sanction.objects.on(user, *BARRING).order_by("-ends_at").first()


def closing(user: "User | AnonymousUser | None") -> Sanction | None:
    return Sanction.objects.on(user, Kind.CLOSE).order_by("-ends_at").first()


def refusal(user: "User | AnonymousUser | None") -> str:
    """Return the message above the form for a person who may not write now; empty for everybody else."""
    sanction = barring(user)
    if sanction is None:
        return ""
    until = formats.date_format(sanction.ends_at, "j F Y")
    what = "your account is closed" if sanction.kind == Kind.CLOSE else "a moderator has asked you to pause"
    return f"You cannot send this now: {what} until {until}. The reason: “{sanction.reason}” Your text is still here."


def in_force_on(user: User) -> QuerySet[Sanction]:
    return Sanction.objects.on(user).order_by("-ends_at")


def find(name: str) -> list[User]:
    """Return at most SEARCH_LIMIT members whose name begins with `name`, exact matches first."""
    name = " ".join(name.split())
    if not name:
        return []
    exact = list(User.objects.filter(name__iexact=name).order_by("id")[:SEARCH_LIMIT])
    beginning = User.objects.filter(name__istartswith=name).exclude(pk__in=[user.pk for user in exact])
    return [*exact, *beginning.order_by("name", "id")[: SEARCH_LIMIT - len(exact)]]


def key_of(user: User) -> str:
    """Return a signed id for URLs, so that nobody can try out the ids of members."""
    return _signer.sign(str(user.pk))


def by_key(key: str) -> User | None:
    try:
        return User.objects.filter(pk=int(_signer.unsign(key))).first()
    except (signing.BadSignature, ValueError):
        return None


def record_of(user: User) -> dict[str, dict[str, int]]:
    return {
        "posts": _counted(Post.objects.filter(author=user), "state"),
        "reports_on": _counted(Report.objects.filter(post__author=user), "outcome"),
        "reports_by": _counted(Report.objects.filter(reporter=user), "outcome"),
    }


def _counted(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(Count("id")).order_by(column))


def _put(in_force: QuerySet[Sanction], measure: Measure, actor: User, **whom: Any) -> Sanction:
    known = in_force.first()
    if known:
        raise Already(known)
    ends_at = timezone.now() + timedelta(days=measure.days)
    fields = {"kind": measure.kind, "reason": measure.reason, "ends_at": ends_at, "created_by": actor}
    return Sanction.objects.create(**fields, **whom)


def _uncount(reports: QuerySet[Report]) -> None:
    reports.filter(outcome=Report.Outcome.OPEN).update(is_counted=False)


def _tell(sanction: Sanction, user: User) -> None:
    contact = Contact.objects.for_user(user)
    outbox.owe(Delivery.Kind.SANCTION, f"sanction:{sanction.pk}", contact, sanction=sanction)
