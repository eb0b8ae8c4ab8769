"""Data export and erasure for guests, by a link mailed to their address.

The response is the same for known and unknown addresses, so that nobody can find out who has written here.
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
    form = LinkForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        if not is_too_often(request):
            # Sends nothing unless a guest wrote from this address.
            requests.send_link(form.cleaned_data["email"])
            return render(request, "by_link/your_data_sent.html", {"hours": settings.DATA_LINK_HOURS})
        form.add_error(None, TOO_MANY)
        status = 429
    return render(request, "by_link/your_data.html", {"form": form}, status=status)


@never_cache
@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
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
    """Return the URL of the guest's e-mail settings; empty unless one of their posts has a confirmed address."""
    contact = subject.contacts().exclude(confirmed_at=None).exclude(address_key="").first()
    return links.preferences_path(contact) if contact else ""


@never_cache
@require_POST
def export(request: HttpRequest, token: str) -> HttpResponse:
    opened = requests.open_link(token)
    if opened is None:
        return _gone(request)
    return hand_out(request, Subject.guest(opened.address_key), _page(opened))


@never_cache
@require_http_methods(READ_OR_POST)
def erase(request: HttpRequest, token: str) -> HttpResponse:
    opened = requests.open_link(token)
    if opened is None:
        return _gone(request)
    return ask_to_erase(request, Subject.guest(opened.address_key), _page(opened))


def _page(link: DataLink) -> str:
    return reverse("forum:your-data-link", args=[link.token])


def _gone(request: HttpRequest) -> HttpResponse:
    # One page for an expired, a used and an unknown link.
    return private(render(request, "by_link/your_data_gone.html", status=404))
