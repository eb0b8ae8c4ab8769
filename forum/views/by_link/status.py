"""Status page of a post for its author, and withdrawal, by private link."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.conflicts import Conflict
from forum import audit
from forum.models import Post
from forum.posts import access, corrections, emergency, submit
from forum.states import Move, State
from forum.views.shared.private import READ_OR_POST, private


@never_cache
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    post = access.own_by_token(token)
    return private(render(request, "by_link/status.html", _status_context(post)))


def _status_context(post: Post) -> dict[str, object]:
    entry = audit.latest(post)
    shown = post.state in {State.RETURNED, State.REJECTED, State.REMOVED}
    return {
        "post": post,
        "reason": entry.reason if entry and shown else "",
        "expired": bool(entry and entry.move == Move.EXPIRE),
        "never_confirmed": bool(entry and entry.move == Move.EXPIRE and entry.before == State.PENDING),
        "advice": emergency.for_post(post),
        "newer_answer": corrections.reason_of(post),
        "wait": settings.TYPICAL_WAIT,
    }


@never_cache
@require_http_methods(READ_OR_POST)
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    post = access.own_by_token(token)
    if not post.is_withdrawable:
        return private(render(request, "by_link/too_late.html", {"post": post}, status=409))
    if request.method == "POST":
        try:
            submit.withdraw(post, actor=post.author, version=post.version)
        except Conflict:
            return private(render(request, "by_link/too_late.html", {"post": access.own_by_token(token)}, status=409))
        messages.success(request, "Your post is withdrawn. Nobody can read it any more.")
        return redirect(post.get_status_url())
    return private(render(request, "by_link/withdraw.html", {"post": post}))
