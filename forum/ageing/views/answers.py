"""Looking after answers: a physician finds one still right, its author or a moderator names a newer one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forum import access
from forum.access import MemberRequest
from forum.ageing.forms import ReviewForm, SupersedeForm
from forum.models import Post
from forum.moderation import ageing
from forum.moderation.decisions import Conflict
from forum.views.own import READ_OR_POST


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def review(request: MemberRequest, public_id: str) -> HttpResponse:
    """Let a physician say that the answer is still right today."""
    answer = access.answer_to_review(request.user, public_id)
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"version": answer.version})
    if not form.is_valid():
        return _page(request, "review", answer, form)
    try:
        ageing.review(answer, actor=request.user, version=form.cleaned_data["version"])
    except Conflict:
        return _changed(request, answer)
    messages.success(request, "Thank you. The answer says now that it was reviewed today.")
    return redirect(answer)


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def supersede(request: MemberRequest, public_id: str) -> HttpResponse:
    """Let the answer's author, or a moderator with a reason, name a newer one, or take that back."""
    answer = access.answer_to_supersede(request.user, public_id)
    data = request.POST if request.method == "POST" else None
    form = SupersedeForm(data, answer=answer, by_author=answer.written_by(request.user))
    if not form.is_valid():
        return _page(request, "supersede", answer, form)
    reason, version = form.cleaned_data.get("reason", ""), form.cleaned_data["version"]
    try:
        ageing.supersede(answer, form.newer_answer, actor=request.user, version=version, reason=reason)
    except ageing.NotNewer as problem:
        form.add_error("newer", str(problem))
        return _page(request, "supersede", answer, form)
    except Conflict:
        return _changed(request, answer, reason)
    newer = "The newer answer is named above this one." if form.newer_answer else "This answer stands on its own."
    messages.success(request, newer)
    return redirect(answer)


def _page(request: MemberRequest, name: str, answer: Post, form: ReviewForm) -> HttpResponse:
    context = {"answer": answer, "form": form, "named": ageing.reason_of(answer) if name == "supersede" else None}
    return render(request, f"forum/ageing/{name}.html", context, status=422 if form.is_bound else 200)


def _changed(request: MemberRequest, answer: Post, typed: str = "") -> HttpResponse:
    """Say that the answer is not the one that was seen any more; what was typed is kept."""
    return render(request, "forum/ageing/changed.html", {"answer": answer, "typed": typed}, status=409)
