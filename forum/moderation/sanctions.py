"""What is done about a person for some days: imposed with a reason that they are told, ended by itself, or lifted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import formats, timezone

from accounts.conflicts import Conflict, Refused
from accounts.models import Contact, User
from forum import audit
from forum.models import Delivery, Post, Report, Sanction
from forum.notifications import outbox
from forum.states import Act

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

Kind = Sanction.Kind
BARRING = (Kind.PAUSE, Kind.CLOSE)
LONGEST_DAYS = 365
MUTE_DAYS = 90
FOUND_AT_MOST = 20
_signer = signing.Signer(salt="forum.moderation.person", sep=".")


@dataclass(frozen=True)
class Measure:
    """What is to be done: which kind, for how many days (1 to 365), and the reason that the person reads."""

    kind: str
    days: int
    reason: str


def impose(user: User, measure: Measure, *, actor: User) -> Sanction:
    """Put the sanction on the person and owe them a mail about it; raises Refused, or Conflict if one is in force."""
    check(actor, user)
    with transaction.atomic():
        # Two at once wait for each other here.
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
    """Let the reports of whoever sent this one count no more, without telling the moderator who it is.

    Raises as impose does. The log names the report, not the person.
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
    """End the sanction before its time; False when it has ended already. Raises Refused."""
    if sanction.user is not None:
        check(actor, sanction.user)
    with transaction.atomic():
        row = Sanction.objects.in_force().filter(pk=sanction.pk)
        if not row.update(lifted_at=timezone.now(), lifted_by=actor):
            return False
        audit.act(Act.LIFT, actor=actor, subject=sanction.user, kind=[sanction.kind, None])
    return True


def check(actor: User, target: User) -> None:
    """Raise Refused unless the actor may decide about the person: nobody about themselves, staff about staff."""
    if actor.pk == target.pk:
        raise Refused("Nobody decides about their own account.")
    if not actor.has_perm("forum.sanction_members"):
        raise Refused("Your role does not include this.")
    if is_protected(target) and not actor.has_perm("forum.tune_rules"):
        raise Refused("Only staff decide about moderators and staff.")
    if target.is_superuser and not actor.is_superuser:
        raise Refused("Only an operator decides about an operator.")


def is_protected(user: User) -> bool:
    """True for moderators and staff."""
    return user.is_staff or user.is_superuser or any(user.has_perm(f"forum.{name}") for name in PROTECTED)


PROTECTED = ("moderate_posts", "tune_rules")


def barring(user: "User | AnonymousUser | None") -> Sanction | None:
    """Return what keeps the person from writing today: a pause or a closed account."""
    return Sanction.objects.on(user, *BARRING).order_by("-ends_at").first()


def closing(user: "User | AnonymousUser | None") -> Sanction | None:
    """Return what keeps the person from signing in today."""
    return Sanction.objects.on(user, Kind.CLOSE).order_by("-ends_at").first()


def refusal(user: "User | AnonymousUser | None") -> str:
    """Return what a person who may not write today is told above the form; empty for everybody else."""
    sanction = barring(user)
    if sanction is None:
        return ""
    until = formats.date_format(sanction.ends_at, "j F Y")
    what = "your account is closed" if sanction.kind == Kind.CLOSE else "a moderator has asked you to pause"
    return f"You cannot send this now: {what} until {until}. The reason: “{sanction.reason}” Your text is still here."


def in_force_on(user: User) -> QuerySet[Sanction]:
    """Return what binds the person today, what lasts longest first."""
    return Sanction.objects.on(user).order_by("-ends_at")


def find(name: str) -> list[User]:
    """Return at most 20 members of that name, or whose name begins so; the exact name first."""
    name = " ".join(name.split())
    if not name:
        return []
    exact = list(User.objects.filter(name__iexact=name).order_by("id")[:FOUND_AT_MOST])
    beginning = User.objects.filter(name__istartswith=name).exclude(pk__in=[user.pk for user in exact])
    return [*exact, *beginning.order_by("name", "id")[: FOUND_AT_MOST - len(exact)]]


def key_of(user: User) -> str:
    """Return what stands for the person in links of moderation; nobody else can make one up."""
    return _signer.sign(str(user.pk))


def by_key(key: str) -> User | None:
    """Return the person that a link is about; None for a link that the site has not made."""
    try:
        return User.objects.filter(pk=int(_signer.unsign(key))).first()
    except (signing.BadSignature, ValueError):
        return None


def record_of(user: User) -> dict[str, dict[str, int]]:
    """Return the person's posts by state, the reports on them and their own reports by outcome; three queries."""
    return {
        "posts": _counted(Post.objects.filter(author=user), "state"),
        "reports_on": _counted(Report.objects.filter(post__author=user), "outcome"),
        "reports_by": _counted(Report.objects.filter(reporter=user), "outcome"),
    }


def _counted(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(rows.values_list(column).annotate(Count("id")).order_by(column))


def _put(in_force: QuerySet[Sanction], measure: Measure, actor: User, **whom: Any) -> Sanction:
    """Store the sanction unless one like it is in force."""
    known = in_force.first()
    if known:
        raise Conflict(known)
    ends_at = timezone.now() + timedelta(days=measure.days)
    fields = {"kind": measure.kind, "reason": measure.reason, "ends_at": ends_at, "created_by": actor}
    return Sanction.objects.create(**fields, **whom)


def _uncount(reports: QuerySet[Report]) -> None:
    reports.filter(outcome=Report.Outcome.OPEN).update(is_counted=False)


def _tell(sanction: Sanction, user: User) -> None:
    contact = Contact.objects.for_user(user)
    outbox.owe(Delivery.Kind.SANCTION, f"sanction:{sanction.pk}", contact, sanction=sanction)
