"""Mails about recognition of physicians: open requests for checkers, the decision, and the end of a credential."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Credential, CredentialRequest
from forum.models import Delivery
from forum.notifications.mails.parts import Mail, NotWanted, absolute, may_still, render_mail

State = CredentialRequest.State
# Days before a credential lapses.
REMIND_DAYS = (30, 7)
# Last part of an event: credential:12:30, credential:12:lapsed ...
LAPSED = "lapsed"
WITHDRAWN = "withdrawn"


def checkers(delivery: Delivery) -> Mail:
    may_still(delivery, "accounts.check_credentials")
    me = delivery.recipient.user
    others = CredentialRequest.objects.exclude(user=me)
    to_check = others.filter(state=State.ASKED).count()
    to_grant = others.filter(state=State.CHECKED).exclude(checked_by=me).count()
    if not to_check + to_grant:
        raise NotWanted("Nothing waits any more.")
    link = absolute(reverse("forum:credentials"))
    return render_mail(delivery, {"to_check": to_check, "to_grant": to_grant, "credentials_url": link})


def recognised(delivery: Delivery) -> Mail:
    request = delivery.request
    if request is None or request.state not in {State.GRANTED, State.DECLINED}:
        raise NotWanted("It is not answered.")
    until = Credential.objects.filter(request=request).values_list("valid_until", flat=True).first()
    granted = request.state == State.GRANTED
    link = absolute(reverse("forum:recognition"))
    context = {"granted": granted, "until": until, "reason": request.reason, "recognition_url": link}
    return render_mail(delivery, context)


def credential(delivery: Delivery) -> Mail:
    row, what = delivery.credential, delivery.event.rpartition(":")[2]
    if row is None or (what == WITHDRAWN) != (row.withdrawn_at is not None):
        raise NotWanted("It has changed since.")
    if what != WITHDRAWN:
        _is_still_so(row, has_lapsed=what == LAPSED)
    link = absolute(reverse("forum:recognition"))
    reason = row.withdrawn_reason if what == WITHDRAWN else ""
    context = {"what": what, "until": row.valid_until, "reason": reason, "recognition_url": link}
    return render_mail(delivery, context)


def _is_still_so(row: Credential, *, has_lapsed: bool) -> None:
    """Raise NotWanted when the credential has lapsed meanwhile, or was or is being renewed."""
    if (row.valid_until < timezone.localdate()) != has_lapsed:
        raise NotWanted("It has lapsed meanwhile.")
    renewed = Credential.objects.in_force().filter(user=row.user_id, valid_until__gt=row.valid_until).exists()
    renewing = Q(user=row.user_id, state__in=CredentialRequest.OPEN)
    if renewed or (not has_lapsed and CredentialRequest.objects.filter(renewing).exists()):
        raise NotWanted("It is renewed.")
