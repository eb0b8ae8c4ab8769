"""Unsubscribe link of a mail: ends one subscription, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forum.models import Subscription
from forum.notifications import subscriptions
from forum.views.shared.private import READ_OR_POST, private


@csrf_exempt
@never_cache
@require_http_methods(READ_OR_POST)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End one subscription.

    The POST needs no cookie, so it has no CSRF check: mail programs send it (RFC 8058). A GET only shows the button,
    because mail scanners open links.
    """
    subscription = get_object_or_404(
        Subscription.objects.select_related("contact", "post", "post__question"), token=token
    )
    if request.method == "POST":
        subscriptions.end(subscription)
        subscription.refresh_from_db()
    return private(render(request, "by_link/unsubscribe.html", {"subscription": subscription}))
