"""/me/notifications/ and /mail-choices/<token>/: one page on which a person chooses which mail they want."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import suppressions
from forum.access import MemberRequest
from forum.choices import doors, links, listing
from forum.choices.forms import ChoicesForm
from forum.choices.mailboxes import Mailbox
from forum.views.own import private

READ_OR_POST = ["GET", "HEAD", "POST"]
STALE = (
    "Your choice was changed since this page was opened: in another window, or by a link in a mail. Below is what you "
    "have chosen just now. Please look at it once more, then save it."
)


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def notifications(request: MemberRequest) -> HttpResponse:
    """Let a member choose."""
    return _choose(request, Mailbox.of_member(request.user))


@never_cache
@login_required
@require_safe
def follows(request: MemberRequest) -> HttpResponse:
    """Go to where the list stands today; old mails and bookmarks lead here."""
    return redirect("forum:my-notifications", permanent=True)


@never_cache
@require_http_methods(READ_OR_POST)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Let a guest choose, by the signed link of a mail; one page for a link that has ended, is forged or cut off."""
    number = links.read(token)
    mailbox = None if number is None else Mailbox.of_guest(number)
    if mailbox is None:
        return private(render(request, "forum/choices/link_gone.html", status=404))
    return private(_choose(request, mailbox))


def _choose(request: HttpRequest, mailbox: Mailbox) -> HttpResponse:
    """Show the page, save what was chosen, or do what a button below it says."""
    if request.method == "POST" and (done := _pressed(request, mailbox)):
        messages.success(request, done)
        return redirect(request.path)
    if request.method != "POST":
        return _page(request, mailbox, ChoicesForm(None, mailbox=mailbox, rows=listing.page_of(mailbox, request).rows))
    form = ChoicesForm(request.POST, mailbox=mailbox, rows=listing.posted(mailbox, request.POST))
    if not form.is_valid():
        return _page(request, mailbox, form, status=422)
    try:
        doors.save(mailbox, form.wish, seen=form.cleaned_data["seen"])
    except doors.Stale:
        return _page(request, mailbox, _once_more(request, mailbox), status=409)
    messages.success(request, "Your choice is saved.")
    return redirect(request.get_full_path())


def _pressed(request: HttpRequest, mailbox: Mailbox) -> str:
    """Do what one of the buttons says that stand by themselves; return the words for it, or nothing."""
    if request.POST.get("all") == "off":
        doors.stop_everything(mailbox)
        return "You will get no more mail, except what cannot be stopped: see below."
    if request.POST.get("all") == "on":
        doors.take_up_again(mailbox)
        return "What you had stopped all at once is on again. Please look whether it is as you want it."
    if request.POST.get("arrives") == "yes":
        suppressions.lift(mailbox.keys)
        return "We will send you mail again, from the next one on."
    return ""


def _once_more(request: HttpRequest, mailbox: Mailbox) -> ChoicesForm:
    """Return the form with what was chosen, as an answer to what stands now."""
    rows = listing.posted(mailbox, request.POST)
    data = request.POST.copy()
    data["seen"] = ChoicesForm(None, mailbox=mailbox, rows=rows).now.mark
    form = ChoicesForm(data, mailbox=mailbox, rows=rows)
    form.add_error(None, STALE)
    return form


def _page(request: HttpRequest, mailbox: Mailbox, form: ChoicesForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_member": mailbox.user is not None,
        "page": listing.page_of(mailbox, request),
        "is_stopped": doors.stopped(mailbox).exists(),
        "comes_back": None if mailbox.user else suppressions.in_force(mailbox.keys),
    }
    return render(request, "forum/choices/choices.html", context, status=status)
