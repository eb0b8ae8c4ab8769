"""E-mail settings of a guest, by signed link: /mail-choices/<token>/."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forum.notifications import links
from forum.preferences.mailbox import Mailbox
from forum.views.shared.preferences import choose
from forum.views.shared.private import READ_OR_POST, private


@never_cache
@require_http_methods(READ_OR_POST)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    number = links.read_preferences_token(token)
    mailbox = None if number is None else Mailbox.of_guest(number)
    # One page for an expired, a forged and a truncated link.
    if mailbox is None:
        return private(render(request, "by_link/preferences_gone.html", status=404))
    return private(choose(request, mailbox))
