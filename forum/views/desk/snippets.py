"""Snippets: a physician's own text blocks for answers, which nobody else sees."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from forum.models import Snippet
from forum.posts.access import MemberRequest
from forum.views.desk.forms import MAX_SNIPPETS, SnippetForm
from forum.views.shared.guards import physicians_only

READ_OR_POST = ["GET", "HEAD", "POST"]
TOO_MANY = f"You have {MAX_SNIPPETS} already. Please delete one first; what you wrote is still here."


@physicians_only
@require_http_methods(READ_OR_POST)
def snippets(request: MemberRequest) -> HttpResponse:
    mine = list(Snippet.objects.filter(author=request.user))
    form = SnippetForm(request.POST if request.method == "POST" else None, instance=Snippet(author=request.user))
    if form.is_bound and len(mine) >= MAX_SNIPPETS:
        form.add_error(None, TOO_MANY)
    if form.is_valid():
        return _saved(request, form)
    return render(request, "desk/snippets.html", {"snippets": mine, "form": form}, status=422 if form.is_bound else 200)


@physicians_only
@require_http_methods(READ_OR_POST)
def change(request: MemberRequest, number: int) -> HttpResponse:
    form = SnippetForm(request.POST if request.method == "POST" else None, instance=_own(request, number))
    if form.is_valid():
        return _saved(request, form)
    context = {
        "heading": "Change a snippet",
        "form": form,
        "cancel_url": reverse("desk:snippets"),
        "cancel_label": "Back to the snippets",
    }
    return render(request, "ui/form_page.html", context, status=422 if form.is_bound else 200)


@physicians_only
@require_http_methods(READ_OR_POST)
def delete(request: MemberRequest, number: int) -> HttpResponse:
    snippet = _own(request, number)
    if request.method == "POST":
        snippet.delete()
        messages.success(request, "The snippet is deleted.")
        return redirect("desk:snippets")
    context = {
        "heading": "Delete this snippet?",
        "text": f"“{snippet.title}” will be gone. Answers that contain its text stay as they are.",
        "button": "Delete it",
        "kind": "warning",
        "cancel_url": reverse("desk:snippets"),
    }
    return render(request, "ui/confirm.html", context)


def _own(request: MemberRequest, number: int) -> Snippet:
    return get_object_or_404(Snippet, pk=number, author=request.user)


def _saved(request: MemberRequest, form: SnippetForm) -> HttpResponse:
    form.save()
    messages.success(request, "The snippet is saved.")
    return redirect("desk:snippets")
