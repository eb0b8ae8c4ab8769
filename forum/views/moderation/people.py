"""Member records, and sanctions on a member for some days."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.conflicts import Conflict, Refused
from accounts.models import User
from forum.models import Report, Sanction
from forum.moderation import sanctions
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.states import State
from forum.views.moderation.sanction_forms import SanctionForm
from forum.views.shared.guards import sanctions_only

PAST_SHOWN = 50


@sanctions_only
@require_safe
def people(request: MemberRequest) -> HttpResponse:
    """Find members by name; addresses are neither searched nor shown."""
    query = request.GET.get("q", "").replace("\0", "")[:80]
    found = [(user, _url(user)) for user in sanctions.find(query)]
    context = {"query": query.strip(), "found": found, "most": sanctions.SEARCH_LIMIT}
    return render(request, "moderation/people.html", context)


@sanctions_only
@require_safe
def author(request: MemberRequest, public_id: str) -> HttpResponse:
    post = access.post(request.user, public_id)
    if post.author is None:
        raise Http404
    return redirect(_url(post.author))


@sanctions_only
@require_safe
def person(request: MemberRequest, key: str) -> HttpResponse:
    return _page(request, _person(key), SanctionForm())


@sanctions_only
@require_POST
def impose(request: MemberRequest, key: str) -> HttpResponse:
    user, form = _person(key), SanctionForm(request.POST)
    if not form.is_valid():
        return _page(request, user, form, status=422)
    try:
        sanctions.impose(user, sanctions.Measure(**form.cleaned_data), actor=request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _page(request, user, form, status=403)
    except Conflict as conflict:
        until = conflict.current.ends_at
        messages.info(request, f"This is in force already, until {until:%-d %B %Y}. Lift it first to change it.")
    else:
        messages.success(request, "Done. The person is told by mail, with your reason.")
    return redirect(_url(user))


@sanctions_only
@require_POST
def lift(request: MemberRequest, number: int) -> HttpResponse:
    sanction = get_object_or_404(Sanction.objects.select_related("user"), pk=number)
    if sanction.user is None:
        raise Http404
    try:
        is_lifted = sanctions.lift(sanction, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Lifted." if is_lifted else "It had ended already.")
    return redirect(_url(sanction.user))


def _person(key: str) -> User:
    user = sanctions.by_key(key)
    if user is None:
        raise Http404
    return user


def _url(user: User) -> str:
    return reverse("moderation:person", args=[sanctions.key_of(user)])


def _page(request: MemberRequest, user: User, form: SanctionForm, status: int = 200) -> HttpResponse:
    record = sanctions.record_of(user)
    put = Sanction.objects.filter(user=user).select_related("created_by", "lifted_by").order_by("-id")[:PAST_SHOWN]
    now = timezone.now()
    context = {
        "person": user,
        "key": sanctions.key_of(user),
        "form": form,
        "posts": {State(state).label: count for state, count in record["posts"].items()},
        "reports_on": _in_words(record["reports_on"]),
        "reports_by": _in_words(record["reports_by"]),
        "sanctions": [(sanction, sanction.lifted_at is None and sanction.ends_at > now) for sanction in put],
    }
    return render(request, "moderation/person.html", context, status=status)


def _in_words(by_outcome: dict[str, int]) -> dict[str, int]:
    return {OUTCOMES[Report.Outcome(outcome)]: count for outcome, count in by_outcome.items()}


OUTCOMES = {
    Report.Outcome.OPEN: "open",
    Report.Outcome.UPHELD: "upheld",
    Report.Outcome.KEPT: "reviewed, and the post left as it was",
    Report.Outcome.GONE: "the post was gone for another reason",
}
