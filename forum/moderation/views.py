"""The moderators' pages: the queue, one post, a decision, the log."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from forum import access
from forum.forms import DecisionForm
from forum.models import Post
from forum.moderation import decisions, log, queue
from forum.states import Move

LOG_PAGE = 50
DONE = {
    Move.PUBLISH: "Published.",
    Move.RETURN: "Sent back to the author, with your reason.",
    Move.REJECT: "Not published. The author is told why.",
    Move.SPAM: "Marked as spam.",
    Move.REMOVE: "Removed. The author is told why.",
}


def moderators_only(view):  # type: ignore[no-untyped-def]
    """Ask strangers to sign in, and refuse members without the role."""
    return login_required(permission_required("forum.moderate_posts", raise_exception=True)(never_cache(view)))


@moderators_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits, oldest first."""
    return render(
        request, "moderation/queue.html", {"page": queue.page(request), "oldest": Post.objects.waiting().first()}
    )


@moderators_only
@require_safe
def post(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one post with its history and every decision that is possible."""
    found = access.to_decide(request.user, public_id)
    form = DecisionForm(post=found, initial={"version": found.version})
    return _post_page(request, found, form)


@moderators_only
@require_POST
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Carry out a decision on the version that the moderator saw, once."""
    found = access.to_decide(request.user, public_id)
    form = DecisionForm(request.POST, post=found)
    if not form.is_valid():
        return _post_page(request, found, form, status=422)
    move = Move(form.cleaned_data["move"])
    try:
        decisions.move(
            found,
            move,
            actor=request.user,  # type: ignore[arg-type]
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    except decisions.Conflict as conflict:
        fresh = access.to_decide(request.user, public_id)
        context = {"card": queue.cards([fresh])[0], "entry": conflict.entry, "move": move, "form": form}
        return render(request, "moderation/conflict.html", context, status=409)
    messages.success(request, DONE[move])
    return redirect("moderation:queue")


def _post_page(request: HttpRequest, found: Post, form: DecisionForm, status: int = 200) -> HttpResponse:
    context = {"card": queue.cards([found])[0], "form": form, "entries": log.entries().filter(post=found)[:LOG_PAGE]}
    return render(request, "moderation/post.html", context, status=status)


@login_required
@permission_required("forum.view_log", raise_exception=True)
@never_cache
@require_safe
def log_page(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first; `?before=<number>` goes on."""
    entries = log.entries()
    before = request.GET.get("before", "")
    if before:
        if not (before.isascii() and before.isdigit() and len(before) < 19):
            raise Http404
        entries = entries.filter(pk__lt=int(before))
    rows = list(entries[: LOG_PAGE + 1])
    more = f"?before={rows[LOG_PAGE - 1].pk}" if len(rows) > LOG_PAGE else ""
    return render(request, "moderation/log.html", {"entries": rows[:LOG_PAGE], "next_url": more})
