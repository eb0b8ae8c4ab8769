"""A person's own things: the private status page, withdrawing, confirming, unsubscribing."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Contact
from forum import access, advice, posting
from forum.desk import standing
from forum.models import Post, Subscription
from forum.moderation import ageing, log
from forum.moderation.decisions import Conflict
from forum.notifications import housekeeping, outbox
from forum.states import Move, State

READ_OR_POST = ["GET", "HEAD", "POST"]


def private(response: HttpResponse) -> HttpResponse:
    """Keep a page behind a token out of search engines and out of other sites' logs."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_safe
def status(request: HttpRequest, token: str) -> HttpResponse:
    """Show the author where the post stands, what happens next and how long it usually takes."""
    post = access.own_by_token(token)
    return private(render(request, "forum/status.html", _status_context(post)))


def _status_context(post: Post) -> dict[str, object]:
    entry = log.latest(post)
    shown = post.state in {State.RETURNED, State.REJECTED, State.REMOVED}
    return {
        "post": post,
        "reason": entry.reason if entry and shown else "",
        "expired": bool(entry and entry.move == Move.EXPIRE),
        "never_confirmed": bool(entry and entry.move == Move.EXPIRE and entry.before == State.PENDING),
        "advice": advice.for_post(post),
        "newer_answer": ageing.reason_of(post),
        "wait": settings.TYPICAL_WAIT,
    }


@never_cache
@require_http_methods(READ_OR_POST)
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take the post back; GET asks first."""
    post = access.own_by_token(token)
    if not post.is_withdrawable:
        return private(render(request, "forum/too_late.html", {"post": post}, status=409))
    if request.method == "POST":
        try:
            posting.withdraw(post, actor=post.author, version=post.version)
        except Conflict:
            return private(render(request, "forum/too_late.html", {"post": access.own_by_token(token)}, status=409))
        messages.success(request, "Your post is withdrawn. Nobody can read it any more.")
        return redirect(post.get_status_url())
    return private(render(request, "forum/withdraw.html", {"post": post}))


@never_cache
@require_http_methods(READ_OR_POST)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a guest's address, or say that it was somebody else; only the buttons do anything."""
    contact = get_object_or_404(Contact.objects.filter(user=None), token=token)
    if not contact.address:
        return private(render(request, "forum/confirm_gone.html", status=410))
    post = contact.posts.select_related("question").first()
    if request.method == "POST" and request.POST.get("answer") == "not-me":
        outbox.disown(contact)
        housekeeping.forget(Contact.objects.filter(pk=contact.pk))
        return private(render(request, "forum/confirm_gone.html", {"disowned": True}))
    if request.method == "POST":
        outbox.confirm(contact)
        contact.refresh_from_db()
        standing.confirmed(contact)
    return private(render(request, "forum/confirm.html", {"contact": contact, "post": post}))


@csrf_exempt
@never_cache
@require_http_methods(READ_OR_POST)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End one subscription. The POST needs no cookie (RFC 8058); a GET, a scanner's say, only shows the button."""
    subscription = get_object_or_404(
        Subscription.objects.select_related("contact", "post", "post__question"), token=token
    )
    if request.method == "POST":
        outbox.end(subscription)
        subscription.refresh_from_db()
    return private(render(request, "forum/unsubscribe.html", {"subscription": subscription}))
