"""Subscriptions to an article, a topic or a question.

Articles and topics have a page of their own for the button, because their own pages are the same for everybody.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Contact
from articles.models import Article
from forum.models import Subscription, Topic
from forum.notifications import subscriptions
from forum.posts import access
from forum.posts.access import MemberRequest

Kind = Subscription.Kind
READ_OR_POST = ["GET", "HEAD", "POST"]


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def article(request: MemberRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Article.objects.published(), slug=slug)
    return _follow(request, Kind.ARTICLE, {"article": found}, found.title, f"{found.get_absolute_url()}#discussion")


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def topic(request: MemberRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug)
    return _follow(request, Kind.TOPIC, {"topic": found}, found.name, reverse("forum:topic", args=[slug]))


def _follow(request: MemberRequest, kind: Kind, what: dict[str, Any], title: str, back: str) -> HttpResponse:
    if request.method == "POST":
        stops = bool(request.POST.get("stop"))
        with transaction.atomic():
            subscription = subscriptions.follow(Contact.objects.for_user(request.user), kind, **what)
            subscriptions.end(subscription) if stops else subscriptions.resume(subscription)
        words = "You will get no more mail about it." if stops else "We will mail you when there is a new question."
        messages.success(request, words)
        return redirect(request.path)
    mine = Subscription.objects.active().filter(contact__user=request.user, kind=kind, **what)
    context = {"title": title, "kind": kind.value, "back": back, "follows": mine.first()}
    return render(request, "public/follow.html", context)


@login_required
@require_POST
def question(request: MemberRequest, public_id: str) -> HttpResponse:
    question = access.public_question(public_id)
    contact = Contact.objects.for_user(request.user)
    with transaction.atomic():
        subscription = subscriptions.follow(contact, Subscription.Kind.THREAD, question)
        if request.POST.get("stop"):
            subscriptions.end(subscription)
            messages.success(request, "You will get no more mail about this question.")
        else:
            subscriptions.resume(subscription)
            messages.success(request, "We will mail you when there is a new reply.")
    return redirect(question)
