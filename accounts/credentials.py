"""Recognition of volunteer physicians: request, check, grant, decline, withdraw and forget.

One function for each step. Each is one transaction with a conditional UPDATE: of two people at once one succeeds, and
the other gets Conflict with the present row. Nobody takes a step about themselves, and the checker
does not grant (Refused).
"""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.conflicts import Conflict, Refused
from accounts.models import Credential, CredentialRequest
from accounts.roles import PHYSICIANS

if TYPE_CHECKING:
    from accounts.models import User

State = CredentialRequest.State
PERMISSION = "accounts.check_credentials"
# Said explicitly: an empty field could also mean that nobody asked.
NO_CONFLICTS = "None declared."
# A credential can be renewed in its last days.
RENEWABLE_DAYS = 60
# Requests of one person: each one sends mail to all checkers.
REQUESTS_A_MONTH = 5
# Licence number, link and note are deleted this long after a refusal, or after the end of the credential.
KEPT_AFTER_REFUSAL = timedelta(days=14)
KEPT_AFTER_END = timedelta(days=90)
FORGOTTEN = {"licence_number": "", "registry_url": "", "check_note": ""}


@dataclass(frozen=True)
class Application:
    full_name: str
    licence_number: str
    jurisdiction: str
    specialty: str
    conflicts: str
    registry_url: str = ""

    def is_in(self, request: CredentialRequest) -> bool:
        return all(getattr(request, name) == value for name, value in asdict(self).items())


def open_request(user: "User") -> CredentialRequest | None:
    return CredentialRequest.objects.filter(user=user, state__in=CredentialRequest.OPEN).first()


def why_not_ask(user: "User") -> str:
    credential = user.current_credential()
    if credential and not is_renewable(credential):
        return "You are recognised already. You can renew it in its last 60 days."
    since = timezone.now() - timedelta(days=30)
    if CredentialRequest.objects.filter(user=user, created_at__gte=since).count() >= REQUESTS_A_MONTH:
        return "You have asked several times in the last weeks. Please wait a month and ask again."
    return ""


def is_renewable(credential: Credential) -> bool:
    return credential.valid_until - timezone.localdate() <= timedelta(days=RENEWABLE_DAYS)


def ask(user: "User", application: Application) -> CredentialRequest:
    """Raises Conflict if a request is waiting already, and Refused."""
    waits = open_request(user)
    if waits:
        raise Conflict(waits)
    if refused := why_not_ask(user):
        raise Refused(refused)
    try:
        with transaction.atomic():
            return CredentialRequest.objects.create(user=user, **asdict(application))
    except IntegrityError:
        # Two tabs at once: a constraint allows one open request for each person.
        waits = open_request(user)
        if waits is None:
            raise
        raise Conflict(waits) from None


def check(request: CredentialRequest, *, by: "User", note: str) -> None:
    """`note` tells the second checker where the licence was looked up, and the result."""
    _may(by, request.user)
    _step(request, {State.ASKED}, state=State.CHECKED, checked_by=by, checked_at=timezone.now(), check_note=note)


def grant(request: CredentialRequest, *, by: "User") -> Credential:
    _may(by, request.user)
    if request.checked_by_id == by.pk:
        raise Refused("You have checked this one, so somebody else has to grant it.")
    if not request.user.is_active:
        raise Refused("The account is closed.")
    with transaction.atomic():
        _step(request, {State.CHECKED}, state=State.GRANTED, decided_by=by, decided_at=timezone.now())
        credential = _credential_for(request, by)
        request.user.groups.add(Group.objects.get(name=PHYSICIANS))
    return credential


def decline(request: CredentialRequest, *, by: "User", reason: str, seen: str) -> None:
    """The person is told `reason`; `seen` is the state that the checker's page showed."""
    _may(by, request.user)
    fields = {"state": State.DECLINED, "decided_by": by, "decided_at": timezone.now(), "reason": reason}
    _step(request, {seen} & set(CredentialRequest.OPEN), **fields)


def take_back(request: CredentialRequest) -> None:
    _step(request, set(CredentialRequest.OPEN), state=State.TAKEN_BACK, decided_at=timezone.now())


def withdraw(credential: Credential, *, by: "User", reason: str) -> list[Credential]:
    """End a credential for good, even a lapsed one, and return all that ended.

    The person's other credentials in force end with it, since they are based on the same licence.
    """
    _may(by, credential.user)
    with transaction.atomic():
        ended = {"withdrawn_at": timezone.now(), "withdrawn_by": by, "withdrawn_reason": reason}
        if not Credential.objects.filter(pk=credential.pk, withdrawn_at=None).update(**ended):
            raise Conflict(Credential.objects.select_related("withdrawn_by", "user").get(pk=credential.pk))
        others = list(Credential.objects.in_force().filter(user=credential.user_id))
        Credential.objects.filter(pk__in=[other.pk for other in others], withdrawn_at=None).update(**ended)
        credential.user.groups.remove(Group.objects.get(name=PHYSICIANS))
    credential.refresh_from_db()
    return [credential, *others]


def forget_licence_numbers() -> int:
    return CredentialRequest.objects.filter(pk__in=_to_forget().values_list("pk", flat=True)[:1_000]).update(
        **FORGOTTEN
    )


def _to_forget() -> "QuerySet[CredentialRequest]":
    now = timezone.now()
    refused = Q(state__in=(State.DECLINED, State.TAKEN_BACK), decided_at__lt=now - KEPT_AFTER_REFUSAL)
    lapsed = Q(credential__valid_until__lt=timezone.localdate(now - KEPT_AFTER_END))
    withdrawn = Q(credential__withdrawn_at__lt=now - KEPT_AFTER_END)
    return CredentialRequest.objects.filter(refused | lapsed | withdrawn).exclude(**FORGOTTEN).order_by("pk")


def _may(by: "User", person: "User") -> None:
    if by.pk == person.pk:
        raise Refused("Nobody decides about their own recognition. Please leave it to others.")
    if not by.has_perm(PERMISSION):
        raise Refused("Your role does not include this.")


def _step(request: CredentialRequest, sources: set[str], **fields: object) -> None:
    """Raise Conflict unless the request's state is one of `sources`; the object is refreshed."""
    if not CredentialRequest.objects.filter(pk=request.pk, state__in=sources).update(**fields):
        raise Conflict(CredentialRequest.objects.select_related("checked_by", "decided_by", "user").get(pk=request.pk))
    request.refresh_from_db()


def _credential_for(request: CredentialRequest, by: "User") -> Credential:
    today = timezone.localdate()
    if request.checked_by is None or request.checked_at is None:
        raise ValueError("Nobody has checked it.")
    return Credential.objects.create(
        request=request,
        user=request.user,
        full_name=request.full_name,
        specialty=request.specialty,
        jurisdiction=request.jurisdiction,
        conflicts=request.conflicts,
        checked_by=request.checked_by,
        granted_by=by,
        checked_on=timezone.localdate(request.checked_at),
        valid_from=today,
        valid_until=a_year_after(today),
    )


def a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
