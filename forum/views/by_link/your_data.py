"""A guest's own data: a link is mailed to the address, and opens what was written from it.

Whether an address is known, nobody can tell by the answer.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import DataLink
from forum.notifications import links
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.views.shared.data_forms import LinkForm
from forum.views.shared.data_pages import TOO_MANY, ask_to_erase, hand_out, is_too_often
from forum.views.shared.private import private

READ_OR_POST = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(READ_OR_POST)
def your_data(request: HttpRequest) -> HttpResponse:
    """Ask for the address, and mail the link if guests' posts came from it."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        if not is_too_often(request):
            requests.send_link(form.cleaned_data["email"])
            return render(request, "by_link/your_data_sent.html", {"hours": settings.DATA_LINK_HOURS})
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "by_link/your_data.html", {"form": form}, status=status)


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was written from the address, with the ways to take it away or to have it erased."""
    opened = requests.open_link(token)
    if opened is None:
        return _gone(request)
    subject = Subject.guest(opened.address_key)
    context = {
        "link": opened,
        "posts": subject.posts().select_related("question", "article"),
        "erasure": requests.open_erasure(subject),
        "choices_url": _choices_url(subject),
    }
    return private(render(request, "by_link/your_data_link.html", context))


def _choices_url(subject: Subject) -> str:
    """Return where the guest chooses mail, if any post of theirs has a confirmed address."""
    contact = subject.contacts().exclude(confirmed_at=None).exclude(address_key="").first()
    return links.preferences_path(contact) if contact else ""


@never_cache
@require_POST
def export(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out everything that is stored about the guest."""
    opened = requests.open_link(token)
    if opened is None:
        return _gone(request)
    return hand_out(request, Subject.guest(opened.address_key), _page(opened))


@never_cache
@require_http_methods(READ_OR_POST)
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what shall become of the posts, then set the erasure."""
    opened = requests.open_link(token)
    if opened is None:
        return _gone(request)
    return ask_to_erase(request, Subject.guest(opened.address_key), _page(opened))


def _page(link: DataLink) -> str:
    return reverse("forum:your-data-link", args=[link.token])


def _gone(request: HttpRequest) -> HttpResponse:
    """One page for a link that has ended, was used up, or never was."""
    return private(render(request, "by_link/your_data_gone.html", status=404))
