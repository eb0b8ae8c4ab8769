"""Claim page /me/claim/: posts that a member wrote as a guest, before signing up."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forum.models import Post
from forum.posts import guest_posts
from forum.posts.access import MemberRequest
from forum.states import State

MAX_OFFERED = 100


class ClaimForm(forms.Form):
    chosen = forms.MultipleChoiceField(
        label="Posts from your address",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one post."},
    )

    def __init__(self, *args: object, offered: list[Post], others: set[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed on as they are
        labels = [(post.public_id, _label(post)) for post in offered]
        # A double click sends posts that have become theirs already: no error.
        self.fields["chosen"].choices = [*labels, *((name, name) for name in others)]  # type: ignore[attr-defined] # a choice field


def _label(post: Post) -> str:
    return f"{post.title} ({post.get_kind_display()} of {post.created_at:%-d %B %Y}, {State(post.state).label})"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: MemberRequest) -> HttpResponse:
    """Let members take over guest posts from their addresses, or disown them and delete the address.

    Posts that are somebody else's, not confirmed or unknown get the same 404, so that nobody can tell them apart.
    """
    offered = list(guest_posts.claimable(request.user)[:MAX_OFFERED])
    sent = set(request.POST.getlist("chosen")) if request.method == "POST" else set()
    others = sent - {post.public_id for post in offered}
    # isalnum() first: PostgreSQL raises an error for a NUL byte, even in a lookup.
    if not all(map(str.isalnum, others)) or not _are_theirs(request, others):
        raise Http404
    form = ClaimForm(request.POST if request.method == "POST" else None, offered=offered, others=others)
    if form.is_valid():
        _answer(request, form.cleaned_data["chosen"])
        return redirect("forum:me")
    context = {"form": form, "offered": offered}
    return render(request, "me/claim.html", context, status=422 if form.is_bound else 200)


def _are_theirs(request: MemberRequest, public_ids: set[str]) -> bool:
    return Post.objects.filter(author=request.user.pk, public_id__in=public_ids).count() == len(public_ids)


def _answer(request: MemberRequest, chosen: list[str]) -> None:
    if request.POST.get("answer") == "not-mine":
        guest_posts.disown(request.user, chosen)
        messages.success(request, "Thank you. Nobody gets mail about these any more.")
    else:
        guest_posts.claim(request.user, chosen)
        messages.success(request, "These are yours now. You find them under “My questions and replies”.")
