"""The queue, one post, a decision, and its undoing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.conflicts import Conflict
from forum.models import Post
from forum.moderation import cards, decisions, on_call, queue, undoing
from forum.posts import access, transitions
from forum.posts.access import MemberRequest
from forum.states import ASKING, Move
from forum.views.moderation import responses
from forum.views.moderation.forms import BulkForm, DecisionForm, MaskForm
from forum.views.shared.guards import moderators_only

OWN = "You wrote this post yourself. A colleague decides on it."


@moderators_only
@require_safe
def waiting(request: MemberRequest) -> HttpResponse:
    """Show what waits: what is urgent, then everything else, oldest first."""
    found = queue.page(request)
    context = {
        "queue": found,
        "page": found.page,
        "form": found.form,
        "waiting": queue.waiting(),
        "bulk_form": BulkForm(),
        "is_on_call": on_call.is_on_call(request.user),
        **responses.options(),
        **responses.last_decision(request),
    }
    return render(request, "moderation/queue.html", context)


@moderators_only
@require_safe
def post(request: MemberRequest, public_id: str) -> HttpResponse:
    """Show one post with its history and every decision that is possible."""
    return responses.post_page(request, access.to_decide(request.user, public_id))


@moderators_only
@require_POST
def decide(request: MemberRequest, public_id: str) -> HttpResponse:
    """Carry out a decision on the version that the moderator saw, once."""
    found = access.to_decide(request.user, public_id)
    form = _form(request, found)
    if found.written_by(request.user):
        messages.error(request, OWN)
        return responses.post_page(request, found, status=403)
    if not form.is_valid():
        return responses.refused(request, found, form)
    try:
        entry = decisions.carry_out(found, form.cleaned_data, actor=request.user)
    except Conflict as conflict:
        fresh = access.to_decide(request.user, public_id)
        return responses.conflict(request, fresh, form, conflict.current, form.cleaned_data["version"])
    if responses.by_htmx(request):
        return responses.decided(request, entry)
    messages.success(request, decisions.SAID[Move(entry.move)])
    return redirect("moderation:queue")


@moderators_only
@require_POST
def undo(request: MemberRequest, public_id: str) -> HttpResponse:
    """Take back the last decision, while its mails still wait."""
    found = access.to_decide(request.user, public_id)
    if found.written_by(request.user):
        messages.error(request, OWN)
        return responses.post_page(request, found, status=403)
    version = request.POST.get("version", "")
    readable = version.isascii() and version.isdigit() and len(version) < 10
    try:
        undoing.undo(found, actor=request.user, version=int(version) if readable else 0)
    except (Conflict, transitions.TooLate) as problem:
        return responses.not_undone(request, access.to_decide(request.user, public_id), problem)
    messages.success(request, "Undone. The post stands where it stood, and nobody is mailed.")
    return responses.undone(request, found)


def _form(request: MemberRequest, found: Post) -> DecisionForm | MaskForm:
    """Return the form that was sent, named so that it stands in its place again when something is wrong."""
    move = request.POST.get("move")
    if move == Move.MASK:
        return MaskForm(request.POST, post=found, spans=cards.card(found, request.user).spans)
    ids = f"{found.public_id}_%s" if responses.by_htmx(request) else "ask_%s" if move in ASKING else "id_%s"
    return DecisionForm(request.POST, post=found, auto_id=ids)
