"""Moderation by a link in a mail: one post, and the decisions that need no sign-in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.conflicts import Conflict
from forum import rate_limits
from forum.moderation import by_mail, cards, undoing
from forum.moderation.by_mail import LinkRefused, Opened
from forum.states import BUTTONS, Move
from forum.views.moderation.forms import ByMailForm
from forum.views.shared.private import READ_OR_POST, private

TOO_MANY = (
    "You have decided very often by links in mails today, so we have to pause. Nothing is lost: what you typed is "
    "still here. You can go on after signing in."
)


@never_cache
@require_http_methods(READ_OR_POST)
def from_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Show the post, or the decision on it; a GET decides nothing, because mail scanners open links."""
    try:
        opened = by_mail.open_link(token, request.user)
    except LinkRefused as refused:
        return private(render(request, "moderation/by_mail_refused.html", _words(refused), status=refused.status))
    if request.method == "POST":
        return private(_decide(request, opened))
    if not opened.is_waiting:
        return private(_decided(request, opened))
    return private(_page(request, opened, ByMailForm(post=opened.post, initial={"version": opened.post.version})))


def _words(refused: LinkRefused) -> dict[str, object]:
    return {"why": refused.words, "public_id": refused.public_id, "hours": settings.MODERATOR_LINK_HOURS}


def _decide(request: HttpRequest, opened: Opened) -> HttpResponse:
    form = ByMailForm(request.POST, post=opened.post)
    if not form.is_valid():
        return _page(request, opened, form, status=422)
    if not rate_limits.allow_person(opened.moderator, "from-mail", settings.MODERATOR_LINK_DECISIONS):
        form.add_error(None, TOO_MANY)
        return _page(request, opened, form, status=429)
    try:
        by_mail.decide(opened, form.cleaned_data)
    except Conflict:
        return _conflict(request, opened, form)
    return redirect(request.path)


def _page(request: HttpRequest, opened: Opened, form: ByMailForm, status: int = 200) -> HttpResponse:
    """Show the text, why it is held, and the buttons; nothing about the author, since the link needs no sign-in."""
    card = cards.card(opened.post, opened.moderator)
    return render(request, "moderation/by_mail.html", {"card": card, "form": form}, status=status)


def _decided(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Show the moderator's own decision and until when it can be undone; 409 for anybody else's, without details."""
    entry = opened.own_decision()
    undoable = undoing.undoable(entry)
    context = {"post": opened.post, "entry": entry, "undo_until": undoing.until(undoable) if undoable else None}
    return render(request, "moderation/by_mail_over.html", context, status=200 if entry else 409)


def _conflict(request: HttpRequest, opened: Opened, form: ByMailForm) -> HttpResponse:
    """Redirect the second press of a double click to the first one's result; else 409, with what was typed."""
    opened.post.refresh_from_db()
    move, entry = Move(form.cleaned_data["move"]), opened.own_decision()
    if entry is not None and entry.move == move and not opened.is_waiting:
        return redirect(request.path)
    context = {"opened": opened, "post": opened.post, "move": BUTTONS[move], "typed": form.data.get("reason", "")}
    return render(request, "moderation/by_mail_conflict.html", context, status=409)
