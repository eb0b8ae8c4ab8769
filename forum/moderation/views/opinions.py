"""What physicians are asked by moderators: the posts, and a place for an opinion. Nothing else can be done there."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from forum import access
from forum.access import MemberRequest
from forum.models import Note
from forum.moderation import opinions
from forum.moderation.forms import OpinionForm


@login_required
@never_cache
@require_safe
def asked(request: MemberRequest) -> HttpResponse:
    """Show the posts that moderators ask physicians about, oldest first."""
    return _page(request)


@login_required
@never_cache
@require_POST
def give(request: MemberRequest, public_id: str) -> HttpResponse:
    """Keep an opinion on one of them."""
    post = access.to_give_opinion(request.user, public_id)
    form = OpinionForm(request.POST, auto_id=f"{public_id}_%s")
    if not form.is_valid():
        return _page(request, public_id=public_id, form=form, status=422)
    Note.objects.create(post=post, author=request.user, text=form.cleaned_data["text"], is_opinion=True)
    messages.success(request, "Thank you. The moderators read your opinion with the post.")
    return redirect("moderation:opinions")


def _page(request: MemberRequest, *, status: int = 200, **bound: Any) -> HttpResponse:
    posts = access.asked_of_physicians(request.user)
    page = opinions.page(request, posts, **bound)
    return render(request, "moderation/opinions.html", {"page": page, "form": bound.get("form")}, status=status)
