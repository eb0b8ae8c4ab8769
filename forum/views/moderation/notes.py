"""Moderators' notes on a post."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from forum.models import Note
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.moderation.deciding import post_page
from forum.views.moderation.forms import NoteForm
from forum.views.shared.guards import moderators_only


@moderators_only
@require_POST
def add_note(request: MemberRequest, public_id: str) -> HttpResponse:
    post = access.to_decide(request.user, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return post_page(request, post, status=422, note_form=form)
    Note.objects.create(post=post, author=request.user, text=form.cleaned_data["text"])
    messages.success(request, "Your note is saved.")
    return redirect("moderation:post", public_id)
