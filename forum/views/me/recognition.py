"""Application for recognition as a volunteer physician: status, form, withdrawal and renewal."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import credentials
from accounts.conflicts import Conflict, Refused
from accounts.models import CredentialRequest, User
from forum.physicians import credential_steps
from forum.posts.access import MemberRequest
from forum.views.me.recognition_form import RecognitionForm

HERE = "forum:recognition"


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recognition(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, RecognitionForm(initial=_initial_values(request.user)))
    form = RecognitionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        credential_steps.ask(request.user, form.application())
    except Conflict as conflict:
        return _asked_already(request, form, conflict)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, form, status=403)
    messages.success(
        request, "We have your request. Two people check it, one after the other, and we mail you the answer."
    )
    return redirect(HERE)


@login_required
@require_POST
def take_back(request: MemberRequest) -> HttpResponse:
    waits = credentials.open_request(request.user)
    try:
        if waits is None:
            messages.info(request, "You have no open request: it is answered, or taken back already.")
        else:
            credential_steps.take_back(waits)
            messages.success(request, "You have taken it back. What only checkers saw will be deleted.")
    except Conflict:
        messages.info(request, "It was answered a moment ago: see below.")
    return redirect(HERE)


def _page(request: MemberRequest, form: RecognitionForm, status: int = 200) -> HttpResponse:
    user = request.user
    waits = credentials.open_request(user)
    newest = user.credentials.order_by("-valid_from", "-pk").first()
    context = {
        "waits": waits,
        "credential": newest,
        "renewable": bool(newest and newest.is_in_force and credentials.is_renewable(newest)),
        "answer": _last_answer(user) if waits is None else None,
        "why_not": credentials.why_not_ask(user),
        "typed": form if form.is_bound else None,
        "form": form,
    }
    return render(request, "me/recognition.html", context, status=status)


def _last_answer(user: User) -> CredentialRequest | None:
    """Return the last request if it was declined; a granted one is shown with its credential."""
    last = user.credential_requests.order_by("-pk").first()
    return last if last and last.state == CredentialRequest.State.DECLINED else None


def _initial_values(user: User) -> dict[str, object]:
    """Return initial values for a renewal; not the licence number, which is not shown once a request is decided."""
    newest = user.credentials.filter(withdrawn_at=None).order_by("-valid_from", "-pk").first()
    if newest is None:
        return {}
    none = newest.conflicts == credentials.NO_CONFLICTS
    words = {"full_name": newest.full_name, "specialty": newest.specialty, "jurisdiction": newest.jurisdiction}
    return {**words, "conflicts": "" if none else newest.conflicts, "no_conflicts": none}


def _asked_already(request: MemberRequest, form: RecognitionForm, conflict: Conflict) -> HttpResponse:
    # The second press of a double click: the same application is there already.
    if form.application().is_in(conflict.current):
        return redirect(HERE)
    context = {"waits": conflict.current, "typed": form.cleaned_data}
    return render(request, "me/recognition_asked_already.html", context, status=409)
