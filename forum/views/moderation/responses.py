"""How the pages of moderation answer: a whole page, or to htmx the part of it that changes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.conflicts import Conflict
from forum import audit
from forum.models import LogEntry, Post, Revision
from forum.moderation import cards, decisions, queue, undoing
from forum.posts import transitions
from forum.posts.access import MemberRequest
from forum.posts.diff import differences
from forum.states import BUTTONS, Act, Move
from forum.views.moderation.forms import DecisionForm, MaskForm, NoteForm, reason_choices

HISTORY = 50


def by_htmx(request: MemberRequest) -> bool:
    """True when the page's own script asks, and wants a part of a page."""
    return request.headers.get("HX-Request") == "true"


def answer(request: MemberRequest, page: str, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render the page, or the part of it that htmx wants."""
    response = render(request, part if by_htmx(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def post_page(request: MemberRequest, post: Post, *, status: int = 200, **bound: Any) -> HttpResponse:
    """Show one post with every decision that is possible; `bound` are forms with errors, by their names below."""
    card = cards.card(post, request.user)
    entries = list(audit.entries().filter(post=post)[:HISTORY])
    version = {"version": post.version}
    forms = {
        "answer_form": DecisionForm(post=post, initial=version),
        "ask_form": DecisionForm(post=post, initial=version, auto_id="ask_%s"),
        "mask_form": MaskForm(post=post, spans=card.spans, initial=version),
        "note_form": NoteForm(),
    }
    undoable = undoing.undoable(entries[0] if entries and not card.is_own else None)
    context = {"card": card, "entries": entries, **forms, **bound, "form": next(iter(bound.values()), None)}
    context |= {"undoable": undoable, "undo_until": undoing.until(undoable) if undoable else None}
    return render(request, "moderation/post.html", context, status=status)


def queue_card(
    request: MemberRequest, post: Post, *, status: int = 200, form: DecisionForm | None = None
) -> HttpResponse:
    """Show one card of the queue, for htmx to put in its place; `form` is one with errors."""
    card = cards.cards([post], request.user)[0]
    context = {"card": card, "answer_form": form, **options()}
    return render(request, "moderation/_queue_card.html", context, status=status)


def refused(request: MemberRequest, post: Post, form: DecisionForm | MaskForm) -> HttpResponse:
    """Show the form again with what is wrong; nothing that was typed is lost."""
    if by_htmx(request) and isinstance(form, DecisionForm):
        return queue_card(request, post, status=422, form=form)
    name = "mask_form" if isinstance(form, MaskForm) else "answer_form"
    if form.data.get("move") in {Move.ASK_COLLEAGUE, Move.ASK_PHYSICIAN}:
        name = "ask_form"
    return post_page(request, post, status=422, **{name: form})


def decided(request: MemberRequest, entry: LogEntry) -> HttpResponse:
    """Go on after a decision: back to the queue, or for htmx nothing in the card's place and the way to undo it."""
    said = decisions.SAID[Move(entry.move)]
    response = render(request, "moderation/_decided.html", last_decision(request))
    left = queue.waiting().left
    return trigger_client_event(response, "decided", {"said": f"{said} {left}", "undo": bool(undoing.undoable(entry))})


def options() -> dict[str, Any]:
    """Return the library of reasons as choices, and as options drawn once for all the cards of a page."""
    groups = reason_choices()
    return {"reason_groups": groups, "reasons": render_to_string("moderation/_options.html", {"groups": groups})}


def last_decision(request: MemberRequest) -> dict[str, Any]:
    """Return what the box with the last decision shows, empty when there is none that can be undone."""
    last = undoing.last_of(request.user)
    return {"last": last, "last_until": undoing.until(last) if last else None}


def conflict(
    request: MemberRequest, post: Post, form: DecisionForm | MaskForm, entry: LogEntry | None, version: int
) -> HttpResponse:
    """Say who did what meanwhile, and what became of the text; what was typed is kept."""
    move = Move(form.cleaned_data["move"])
    seen = _seen(post, version)
    card = cards.cards([post], request.user)[0]
    context = {
        "card": card,
        "entry": entry,
        "mine": entry is not None and entry.actor_id == request.user.pk and entry.move == move,
        "move": BUTTONS[move],
        "typed": form.data.get("reason", "") or form.data.get("others", ""),
        "again": move.value if move.value in card.answers else "",
        "again_form": form,
        "changes": differences(seen, post.source) if seen is not None and seen != post.source else [],
    }
    return answer(request, "moderation/conflict.html", "moderation/_conflict_card.html", context, status=409)


def not_undone(request: MemberRequest, post: Post, problem: Exception) -> HttpResponse:
    """Say why a decision stands: the time is over, or something happened since."""
    entry = problem.current if isinstance(problem, Conflict) else None
    context = {"post": post, "entry": entry or audit.latest(post), "too_late": isinstance(problem, transitions.TooLate)}
    response = answer(request, "moderation/not_undone.html", "moderation/_not_undone.html", context, status=409)
    return reswap(retarget(response, "#last-decision"), "innerHTML") if by_htmx(request) else response


def undone(request: MemberRequest, post: Post) -> HttpResponse:
    """Show the post after its decision was taken back; for htmx its card, as it is now."""
    if not by_htmx(request):
        return redirect("moderation:post", post.public_id)
    card = cards.cards([post], request.user)[0]
    context = {"card": card, **options(), **last_decision(request)}
    response = render(request, "moderation/_undone.html", context)
    return trigger_client_event(response, "undone", {"said": f"Undone. {queue.waiting().left}"})


def _seen(post: Post, version: int) -> str | None:
    """Return the text as it was in the version that the moderator saw."""
    entry = LogEntry.objects.filter(post=post, version=version).first() if version < 2**31 else None
    if entry is None or entry.move in Act:
        return None
    revision = Revision.objects.filter(post=post, number=entry.revision).first()
    return revision.source if revision else None
