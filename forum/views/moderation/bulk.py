"""Bulk moderation: one decision on several posts, each with its own outcome."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from forum.moderation import bulk, undoing
from forum.posts.access import MemberRequest
from forum.states import BUTTONS, Move
from forum.views.moderation.forms import BulkForm, reason_choices
from forum.views.shared.guards import moderators_only


@moderators_only
@require_POST
def decide(request: MemberRequest) -> HttpResponse:
    chosen = bulk.read(request.POST.getlist("chosen"))
    form = BulkForm(request.POST)
    if not chosen:
        form.add_error("chosen", "Choose at least one post, by its box “Choose this one”.")
    elif len(chosen) > bulk.BATCH_SIZE:
        form.add_error("chosen", f"These are {len(chosen)} posts. Choose at most {bulk.BATCH_SIZE} at a time.")
    if not form.is_valid():
        posts = list(bulk.posts(chosen).values()) if len(chosen) <= bulk.BATCH_SIZE else []
        context = {"form": form, "posts": posts, "chosen": chosen, "reason_groups": reason_choices()}
        return render(request, "moderation/bulk_again.html", context, status=422)
    move = Move(form.cleaned_data["move"])
    words = {"reason": form.cleaned_data.get("reason", ""), "reason_code": form.cleaned_data["reason_code"]}
    outcomes = bulk.decide(chosen, move, actor=request.user, **words)
    context = {"outcomes": outcomes, "done": sum(one.is_done for one in outcomes), "move": BUTTONS[move]}
    first = next((one.entry for one in outcomes if undoing.undoable(one.entry)), None)
    context["undo_until"] = undoing.until(first) if first else None
    return render(request, "moderation/bulk.html", context)
