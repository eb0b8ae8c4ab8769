"""Views of sign-in that allauth lacks or that replace its own: e-mail confirmation, devices, passkeys."""

from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ConfirmEmailView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.auth import devices
from accounts.models import User


class ConfirmEmail(ConfirmEmailView):
    def logout_other_user(self, confirmation: Any) -> None:
        # allauth would end another person's session on GET (DESIGN 4, promise 3).
        if self.request.method == "POST":
            super().logout_other_user(confirmation)


@never_cache
@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    context = {"devices": devices.list_devices(_user(request), request), "network_days": settings.SESSION_NETWORK_DAYS}
    return render(request, "usersessions/usersession_list.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    if devices.sign_out(_user(request), pk):
        messages.success(request, "That device is signed out.")
    else:
        messages.info(request, "That device was signed out already.")
    return redirect("account_sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    devices.sign_out_others(_user(request), request.session.session_key)
    messages.success(request, "All other devices are signed out.")
    return redirect("account_sessions")


@never_cache
@require_safe
def passkey(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(get_next_redirect_url(request) or "forum:me")
    return render(request, "account/passkey.html", {"next": get_next_redirect_url(request) or ""})


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - for the type checker: login_required has checked
    return request.user
