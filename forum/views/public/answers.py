"""Review, replacement and history of physicians' answers, and readers' word that a reply helped."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.conflicts import Conflict
from forum import rate_limits
from forum.models import Post
from forum.posts import access, corrections, helpful
from forum.posts.access import MemberRequest, Reader
from forum.posts.versions import versions
from forum.views.public.answer_forms import ReviewForm, SupersedeForm
from forum.views.shared.private import READ_OR_POST

TOO_MANY = "Many readers on your network have said within the last hour what helped. Please press it again in an hour."


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def review(request: MemberRequest, public_id: str) -> HttpResponse:
    answer = access.answer_to_review(request.user, public_id)
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"version": answer.version})
    if not form.is_valid():
        return _page(request, "review", answer, form)
    try:
        corrections.review(answer, actor=request.user, version=form.cleaned_data["version"])
    except Conflict:
        return _changed(request, answer)
    messages.success(request, "Thank you. The answer says now that it was reviewed today.")
    return redirect(answer)


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def supersede(request: MemberRequest, public_id: str) -> HttpResponse:
    answer = access.answer_to_supersede(request.user, public_id)
    data = request.POST if request.method == "POST" else None
    form = SupersedeForm(data, answer=answer, by_author=answer.written_by(request.user))
    if not form.is_valid():
        return _page(request, "supersede", answer, form)
    reason, version = form.cleaned_data.get("reason", ""), form.cleaned_data["version"]
    try:
        corrections.supersede(answer, form.newer_answer, actor=request.user, version=version, reason=reason)
    except corrections.NotNewer as problem:
        form.add_error("newer", str(problem))
        return _page(request, "supersede", answer, form)
    except Conflict:
        return _changed(request, answer, reason)
    newer = "The newer answer is named above this one." if form.newer_answer else "This answer stands on its own."
    messages.success(request, newer)
    return redirect(answer)


def _page(request: MemberRequest, name: str, answer: Post, form: ReviewForm) -> HttpResponse:
    context = {"answer": answer, "form": form, "named": corrections.reason_of(answer) if name == "supersede" else None}
    return render(request, f"public/{name}.html", context, status=422 if form.is_bound else 200)


def _changed(request: MemberRequest, answer: Post, typed: str = "") -> HttpResponse:
    return render(request, "public/changed.html", {"answer": answer, "typed": typed}, status=409)


@require_safe
def history(request: HttpRequest, public_id: str) -> HttpResponse:
    answer = access.public_answer(public_id)
    return render(request, "public/history.html", {"answer": answer, "versions": versions(answer)})


@never_cache
@require_http_methods(READ_OR_POST)
def helped(request: HttpRequest, public_id: str) -> HttpResponse:
    reply = access.public_reply(public_id)
    reader = Reader.of(request.user, rate_limits.network_of(request))
    if request.method != "POST":
        said = bool(helpful.marked_by(reader, [reply]))
        return render(request, "public/helped.html", {"post": reply, "said": said})
    if reply.written_by(request.user):
        return render(request, "public/helped.html", {"post": reply}, status=403)
    if not rate_limits.allow(request, "helped", settings.HELPED_PER_NETWORK_HOUR):
        return render(request, "public/helped.html", {"post": reply, "problem": TOO_MANY}, status=429)
    if "take_back" in request.POST:
        helpful.unmark_helpful(reply, reader)
        messages.success(request, "Taken back.")
    else:
        helpful.mark_helpful(reply, reader)
        messages.success(request, "Thank you for telling us that this helped.")
    return redirect(_return_url(request, reply))


def _return_url(request: HttpRequest, reply: Post) -> str:
    """Return `back` if it is a page of the reply's own question, else the reply's URL; prevents open redirects."""
    back = request.POST.get("back", "")
    known = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    home = urlsplit(reply.get_absolute_url()).path
    if known and urlsplit(back).path == home:
        return f"{home}?{urlsplit(back).query}#post-{reply.public_id}"
    return reply.get_absolute_url()
