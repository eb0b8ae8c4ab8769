"""Physicians' opinions on posts that moderators ask about. Only an opinion can be given there, no decision."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from articles.text.markup import mask
from forum.models import LogEntry, Note, Post
from forum.models.posts import PostQuerySet
from forum.paging import Page, page_of
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.states import Move
from forum.views.moderation.forms import OpinionForm

POSTS_PER_PAGE = 10


@dataclass
class Asked:
    """One post; `entry` is the moderator's question, `given` are the physician's own opinions so far."""

    post: Post
    form: OpinionForm
    entry: LogEntry | None = None
    given: list[Note] = field(default_factory=list)

    @property
    def text(self) -> str:
        return mask(self.post.source)


@login_required
@never_cache
@require_safe
def asked(request: MemberRequest) -> HttpResponse:
    return _page(request)


@login_required
@never_cache
@require_POST
def give(request: MemberRequest, public_id: str) -> HttpResponse:
    post = access.to_give_opinion(request.user, public_id)
    form = OpinionForm(request.POST, auto_id=f"{public_id}_%s")
    if not form.is_valid():
        return _page(request, public_id=public_id, form=form, status=422)
    Note.objects.create(post=post, author=request.user, text=form.cleaned_data["text"], is_opinion=True)
    messages.success(request, "Thank you. The moderators read your opinion with the post.")
    return redirect("moderation:opinions")


def _page(request: MemberRequest, *, status: int = 200, **bound: Any) -> HttpResponse:
    posts = access.asked_of_physicians(request.user)
    page = _page_of(request, posts, **bound)
    return render(request, "moderation/opinions.html", {"page": page, "form": bound.get("form")}, status=status)


def _page_of(
    request: MemberRequest, posts: PostQuerySet, *, public_id: str = "", form: OpinionForm | None = None
) -> Page:
    """Return one page, longest waiting first; `form` is the one with errors, for the post `public_id`."""
    found = page_of(posts, request, order=("waiting_since", "id"), size=POSTS_PER_PAGE)
    asked: dict[int, Asked] = {}
    for post in found.items:
        mine = form if form is not None and post.public_id == public_id else None
        asked[post.pk] = Asked(post, mine or OpinionForm(auto_id=f"{post.public_id}_%s"))
    entries = LogEntry.objects.filter(post__in=asked, move=Move.ASK_PHYSICIAN)
    for entry in entries.select_related("actor").order_by("id"):
        asked[entry.post_id or 0].entry = entry
    for note in Note.objects.filter(post__in=asked, author=request.user, is_opinion=True):
        asked[note.post_id].given.append(note)
    return Page(list(asked.values()), found.next_url, found.previous_url)
