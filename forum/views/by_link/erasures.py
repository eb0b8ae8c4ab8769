"""Erasure page, by private link: when the erasure is due, and the button that cancels it."""

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
    wish = get_object_or_404(Erasure, token=token)
    if request.method == "POST":
        if requests.cancel_erasure(wish):
            messages.success(request, "Nothing will be erased. Everything stays as it is.")
            return private(redirect("forum:erasure", token=token))
        wish.refresh_from_db()
        # A second press finds it cancelled: 200. After the due time it is too late to cancel: 409.
        return private(_show(request, wish, 200 if wish.cancelled_at else 409))
    return private(_show(request, wish, 200))


def _show(request: HttpRequest, wish: Erasure, status: int) -> HttpResponse:
    context = {"erasure": wish, "can_take_back": wish.is_open and wish.due_at > timezone.now()}
    return render(request, "by_link/erasure.html", context, status=status)
