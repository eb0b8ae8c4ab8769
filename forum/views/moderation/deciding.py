"""Moderation queue, the page of one post, decisions and undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from accounts.conflicts import Conflict
from forum import audit
from forum.models import LogEntry, Post, Revision
from forum.moderation import cards, on_call, queue, undoing
from forum.posts import access, transitions
from forum.posts.access import MemberRequest
from forum.posts.diff import differences
from forum.states import ASKING, BUTTONS, CONFIRMATIONS, Act, Move
from forum.views.moderation.forms import BulkForm, DecisionForm, MaskForm, NoteForm, reason_choices
from forum.views.shared.guards import moderators_only

MAX_ENTRIES = 50
OWN_POST = "You wrote this post yourself. A colleague decides on it."


@moderators_only
@require_safe
def waiting(request: MemberRequest) -> HttpResponse:
    found = queue.page(request)
    context = {
        "queue": found,
        "page": found.page,
        "form": found.form,
        "waiting": queue.waiting(),
        "bulk_form": BulkForm(),
        "is_on_call": on_call.is_on_call(request.user),
        **options(),
        **last_decision(request),
    }
    return render(request, "moderation/queue.html", context)


@moderators_only
@require_safe
def post(request: MemberRequest, public_id: str) -> HttpResponse:
    return post_page(request, access.to_decide(request.user, public_id))


@moderators_only
@require_POST
def decide(request: MemberRequest, public_id: str) -> HttpResponse:
    found = access.to_decide(request.user, public_id)
    form = _form(request, found)
    if found.written_by(request.user):
        messages.error(request, OWN_POST)
        return post_page(request, found, status=403)
    if not form.is_valid():
        return refused(request, found, form)
    try:
        entry = transitions.transition(found, form.transition(request.user), form.cleaned_data["version"])
    except Conflict as conflict:
        fresh = access.to_decide(request.user, public_id)
        return conflict_page(request, fresh, form, conflict.current, form.cleaned_data["version"])
    if by_htmx(request):
        return decided(request, entry)
    messages.success(request, CONFIRMATIONS[Move(entry.move)])
    return redirect("moderation:queue")


@moderators_only
@require_POST
def undo(request: MemberRequest, public_id: str) -> HttpResponse:
    """Undo the last decision while its mails are held back."""
    found = access.to_decide(request.user, public_id)
    if found.written_by(request.user):
        messages.error(request, OWN_POST)
        return post_page(request, found, status=403)
    version = request.POST.get("version", "")
    readable = version.isascii() and version.isdigit() and len(version) < 10
    try:
        undoing.undo(found, actor=request.user, version=int(version) if readable else 0)
    except (Conflict, transitions.TooLate) as problem:
        return not_undone(request, access.to_decide(request.user, public_id), problem)
    messages.success(request, "Undone. The post is as it was before, and nobody is mailed.")
    return undone_page(request, found)


def _form(request: MemberRequest, found: Post) -> DecisionForm | MaskForm:
    """Return the form that was sent; its ids are those of its place on the page, so that errors show up there."""
    move = request.POST.get("move")
    if move == Move.MASK:
        return MaskForm(request.POST, post=found, spans=cards.card(found, request.user).spans)
    ids = f"{found.public_id}_%s" if by_htmx(request) else "ask_%s" if move in ASKING else "id_%s"
    return DecisionForm(request.POST, post=found, auto_id=ids)


# ---- Responses: a whole page, or for htmx the part that changes ----


def by_htmx(request: MemberRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def answer(request: MemberRequest, page: str, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, part if by_htmx(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def post_page(request: MemberRequest, post: Post, *, status: int = 200, **bound: Any) -> HttpResponse:
    """Show one post with every possible decision; `bound` are forms with errors, by their names below."""
    card = cards.card(post, request.user)
    entries = list(audit.entries().filter(post=post)[:MAX_ENTRIES])
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
    card = cards.cards([post], request.user)[0]
    context = {"card": card, "answer_form": form, **options()}
    return render(request, "moderation/_queue_card.html", context, status=status)


def refused(request: MemberRequest, post: Post, form: DecisionForm | MaskForm) -> HttpResponse:
    if by_htmx(request) and isinstance(form, DecisionForm):
        return queue_card(request, post, status=422, form=form)
    name = "mask_form" if isinstance(form, MaskForm) else "answer_form"
    if form.data.get("move") in {Move.ASK_COLLEAGUE, Move.ASK_PHYSICIAN}:
        name = "ask_form"
    return post_page(request, post, status=422, **{name: form})


def decided(request: MemberRequest, entry: LogEntry) -> HttpResponse:
    """Return an empty card and the undo button for htmx."""
    said = CONFIRMATIONS[Move(entry.move)]
    response = render(request, "moderation/_decided.html", last_decision(request))
    left = queue.waiting().left
    return trigger_client_event(response, "decided", {"said": f"{said} {left}", "undo": bool(undoing.undoable(entry))})


def options() -> dict[str, Any]:
    """Return the library of reasons as choices, and as <option>s rendered once for all cards of a page."""
    groups = reason_choices()
    return {"reason_groups": groups, "reasons": render_to_string("moderation/_options.html", {"groups": groups})}


def last_decision(request: MemberRequest) -> dict[str, Any]:
    last = undoing.last_of(request.user)
    return {"last": last, "last_until": undoing.until(last) if last else None}


def conflict_page(
    request: MemberRequest, post: Post, form: DecisionForm | MaskForm, entry: LogEntry | None, version: int
) -> HttpResponse:
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
    entry = problem.current if isinstance(problem, Conflict) else None
    context = {"post": post, "entry": entry or audit.latest(post), "too_late": isinstance(problem, transitions.TooLate)}
    response = answer(request, "moderation/not_undone.html", "moderation/_not_undone.html", context, status=409)
    return reswap(retarget(response, "#last-decision"), "innerHTML") if by_htmx(request) else response


def undone_page(request: MemberRequest, post: Post) -> HttpResponse:
    if not by_htmx(request):
        return redirect("moderation:post", post.public_id)
    card = cards.cards([post], request.user)[0]
    context = {"card": card, **options(), **last_decision(request)}
    response = render(request, "moderation/_undone.html", context)
    return trigger_client_event(response, "undone", {"said": f"Undone. {queue.waiting().left}"})


def _seen(post: Post, version: int) -> str | None:
    entry = LogEntry.objects.filter(post=post, version=version).first() if version < 2**31 else None
    if entry is None or entry.move in Act:
        return None
    revision = Revision.objects.filter(post=post, number=entry.revision).first()
    return revision.source if revision else None
