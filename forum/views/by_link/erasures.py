"""The private page of one erasure: when it will be done, and the button that takes it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import Erasure
from forum.privacy import requests
from forum.views.shared.private import private


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, token: str) -> HttpResponse:
    """Show it; the button, and nothing else, takes it back."""
    wish = get_object_or_404(Erasure, token=token)
    if request.method == "POST":
        if requests.cancel_erasure(wish):
            messages.success(request, "Nothing will be erased. Everything stays as it is.")
            return private(redirect("forum:erasure", token=token))
        wish.refresh_from_db()
        # Pressed twice it is taken back once; after the time it is too late.
        return private(_show(request, wish, 200 if wish.cancelled_at else 409))
    return private(_show(request, wish, 200))


def _show(request: HttpRequest, wish: Erasure, status: int) -> HttpResponse:
    context = {"erasure": wish, "can_take_back": wish.is_open and wish.due_at > timezone.now()}
    return render(request, "by_link/erasure.html", context, status=status)
