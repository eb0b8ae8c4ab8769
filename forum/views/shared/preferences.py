"""E-mail settings, for members' and guests' pages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import suppressions
from forum.preferences import followed, save
from forum.preferences.mailbox import Mailbox
from forum.views.shared.preferences_form import ChoicesForm

STALE = (
    "Your choice was changed since this page was opened: in another window, or by a link in a mail. Below is what you "
    "have chosen just now. Please check it, then save it."
)


def choose(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    if request.method == "POST" and (done := _pressed(request, mailbox)):
        messages.success(request, done)
        return redirect(request.path)
    if request.method != "POST":
        return _page(request, mailbox, ChoicesForm(None, mailbox=mailbox, rows=followed.page_of(mailbox, request).rows))
    form = ChoicesForm(request.POST, mailbox=mailbox, rows=followed.posted(mailbox, request.POST))
    if not form.is_valid():
        return _page(request, mailbox, form, status=422)
    try:
        save.save(mailbox, form.wish, seen=form.cleaned_data["seen"])
    except save.Stale:
        return _page(request, mailbox, _once_more(request, mailbox), status=409)
    messages.success(request, "Your choice is saved.")
    return redirect(request.get_full_path())


def _pressed(request: HttpRequest, mailbox: Mailbox) -> str:
    """Do what a button below the form says; return the message for it, empty if none was pressed."""
    if request.POST.get("all") == "off":
        save.stop_everything(mailbox)
        return "You will get no more mail, except what cannot be stopped: see below."
    if request.POST.get("all") == "on":
        save.resume_everything(mailbox)
        return "Your mail is on again. Please check that the settings are as you want them."
    if request.POST.get("arrives") == "yes":
        suppressions.lift(mailbox.keys)
        return "We will send you mail again, from the next one on."
    return ""


def _once_more(request: HttpRequest, mailbox: Mailbox) -> ChoicesForm:
    """Return the form with what was chosen, now based on the current settings."""
    rows = followed.posted(mailbox, request.POST)
    data = request.POST.copy()
    data["seen"] = ChoicesForm(None, mailbox=mailbox, rows=rows).now.mark
    form = ChoicesForm(data, mailbox=mailbox, rows=rows)
    form.add_error(None, STALE)
    return form


def _page(request: HttpRequest, mailbox: Mailbox, form: ChoicesForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_member": mailbox.user is not None,
        "page": followed.page_of(mailbox, request),
        "is_stopped": save.stopped(mailbox).exists(),
        "comes_back": None if mailbox.user else suppressions.in_force(mailbox.keys),
    }
    return render(request, "shared/preferences.html", context, status=status)
