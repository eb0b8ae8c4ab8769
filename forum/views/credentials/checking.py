"""Credential checks: requests for recognition as a physician, and the credentials in force."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.conflicts import Conflict, Refused
from accounts.models import Credential, CredentialRequest, User
from forum.paging import page_of
from forum.physicians import credential_steps, directory
from forum.posts.access import MemberRequest
from forum.views.credentials.forms import CheckForm, DeclineForm, GrantForm, ReasonForm
from forum.views.shared.guards import button_on, checkers_only

State = CredentialRequest.State
WAITING_PER_PAGE = 20
IN_FORCE_PER_PAGE = 30
SOON_SHOWN = 10
PEOPLE = ("user", "checked_by", "decided_by")
CREDENTIALS_PEOPLE = ("user", "checked_by", "granted_by", "withdrawn_by", "request")


@dataclass(frozen=True)
class Step:
    """A checker's action: `words` as last_step() returns them, `done` as the message to the checker."""

    words: str
    done: str


@dataclass(frozen=True)
class LastStep:
    words: str
    by: User | None
    at: datetime | None


def last_step(asked: CredentialRequest) -> LastStep | None:
    if asked.state == State.CHECKED:
        return LastStep("checked it", asked.checked_by, asked.checked_at)
    words = DECIDED.get(asked.state)
    return LastStep(words, asked.decided_by, asked.decided_at) if words else None


DECIDED: dict[str, str] = {State.GRANTED: "granted it", State.DECLINED: "declined it", State.TAKEN_BACK: "took it back"}


@checkers_only
@require_safe
def waiting(request: MemberRequest) -> HttpResponse:
    waits = CredentialRequest.objects.filter(state__in=CredentialRequest.OPEN).select_related(*PEOPLE)
    page = page_of(waits, request, order=("created_at", "id"), size=WAITING_PER_PAGE)
    soonest = directory.newest_in_force().select_related("user").order_by("valid_until", "id")[:SOON_SHOWN]
    return render(request, "credentials/waiting.html", {"page": page, "soonest": soonest})


@checkers_only
@require_safe
def in_force(request: MemberRequest) -> HttpResponse:
    rows = directory.newest_in_force().select_related("user")
    page = page_of(rows, request, order=("valid_until", "id"), size=IN_FORCE_PER_PAGE)
    return render(request, "credentials/in_force.html", {"page": page})


@checkers_only
@require_safe
def one(request: MemberRequest, public_id: str) -> HttpResponse:
    return _request_page(request, _request(public_id))


@checkers_only
@button_on("forum:credential-request")
@reauthentication_required
def check(request: MemberRequest, public_id: str) -> HttpResponse:
    asked, form = _request(public_id), CheckForm(request.POST)
    step = Step("checked it", "Checked. Somebody else grants it now; the other checkers are told by mail.")
    return _decide(request, asked, form, step, lambda note: credential_steps.check(asked, by=request.user, note=note))


@checkers_only
@button_on("forum:credential-request")
@reauthentication_required
def grant(request: MemberRequest, public_id: str) -> HttpResponse:
    asked, form = _request(public_id), GrantForm(request.POST)
    step = Step("granted it", "Granted for twelve months. The person is told by mail.")
    return _decide(request, asked, form, step, lambda: credential_steps.grant(asked, by=request.user))


@checkers_only
@button_on("forum:credential-request")
def decline(request: MemberRequest, public_id: str) -> HttpResponse:
    asked = _request(public_id)
    form = DeclineForm(request.POST, request=asked)
    step = Step("declined it", "Declined. The person is told by mail, with your reason.")
    return _decide(
        request, asked, form, step, lambda **typed: credential_steps.decline(asked, by=request.user, **typed)
    )


@checkers_only
@require_safe
def credential(request: MemberRequest, public_id: str) -> HttpResponse:
    return _credential_page(request, _credential(public_id))


@checkers_only
@button_on("forum:credential")
@reauthentication_required
def withdraw(request: MemberRequest, public_id: str) -> HttpResponse:
    row = _credential(public_id)
    form = ReasonForm(request.POST, request=row.request)
    if not form.is_valid():
        return _credential_page(request, row, form, status=422)
    try:
        credential_steps.withdraw(row, by=request.user, reason=form.cleaned_data["reason"])
    except Refused as refused:
        form.add_error(None, str(refused))
        return _credential_page(request, row, form, status=403)
    except Conflict as conflict:
        if conflict.current.withdrawn_by_id != request.user.pk:
            context = {"credential": conflict.current, "typed": form.cleaned_data["reason"]}
            return render(request, "credentials/withdrawn_already.html", context, status=409)
    messages.success(request, "Withdrawn. The person is told by mail, with your reason.")
    return redirect("forum:credential", public_id)


def _request(public_id: str) -> CredentialRequest:
    return get_object_or_404(CredentialRequest.objects.select_related(*PEOPLE), public_id=public_id)


def _credential(public_id: str) -> Credential:
    return get_object_or_404(Credential.objects.select_related(*CREDENTIALS_PEOPLE), public_id=public_id)


def _decide(
    request: MemberRequest, asked: CredentialRequest, form: forms.Form, step: Step, act: Callable[..., object]
) -> HttpResponse:
    """Take the step; 403 if this person may not, 409 if somebody else has decided first.

    The second press of a double click is redirected like the first, and counts once.
    """
    if not form.is_valid():
        return _request_page(request, asked, form, status=422)
    try:
        act(**form.cleaned_data)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _request_page(request, asked, form, status=403)
    except Conflict as conflict:
        now = last_step(conflict.current)
        if now is None or (now.words, now.by) != (step.words, request.user):
            typed = form.cleaned_data.get("note") or form.cleaned_data.get("reason") or ""
            context = {"asked": conflict.current, "last": now, "typed": typed}
            return render(request, "credentials/stale.html", context, status=409)
    messages.success(request, step.done)
    return redirect("forum:credential-request", asked.public_id)


def _request_page(
    request: MemberRequest, asked: CredentialRequest, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """Show a request; `form` is the one with errors, the others are new."""
    new_decline_form = DeclineForm(request=asked, initial={"seen": asked.state})
    context = {
        "asked": asked,
        "form": form,
        "check_form": form if isinstance(form, CheckForm) else CheckForm(),
        "decline_form": form if isinstance(form, DeclineForm) else new_decline_form,
        "own": asked.user_id == request.user.pk,
        "checked_by_me": asked.checked_by_id == request.user.pk,
        "last": last_step(asked),
        "credential": Credential.objects.filter(request=asked).first(),
    }
    return render(request, "credentials/request.html", context, status=status)


def _credential_page(
    request: MemberRequest, row: Credential, form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "credential": row,
        "form": form or ReasonForm(request=row.request),
        "own": row.user_id == request.user.pk,
    }
    return render(request, "credentials/credential.html", context, status=status)
