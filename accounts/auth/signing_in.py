"""The pages about signing in that allauth does not have, or not as people need them: devices, and passkeys."""

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.auth import devices
from accounts.models import User


@never_cache
@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """List the devices on which the person is signed in."""
    context = {"devices": devices.of(_user(request), request), "network_days": settings.SESSION_NETWORK_DAYS}
    return render(request, "usersessions/usersession_list.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one device out; ended twice is ended once."""
    if devices.end(_user(request), pk):
        messages.success(request, "That device is signed out.")
    else:
        messages.info(request, "That device was signed out already.")
    return redirect("account_sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign all devices out but this one."""
    devices.end_others(_user(request), request.session.session_key)
    messages.success(request, "All other devices are signed out.")
    return redirect("account_sessions")


@never_cache
@require_safe
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey: the one page on the way in that needs a script, and says so."""
    if request.user.is_authenticated:
        return redirect(get_next_redirect_url(request) or "forum:me")
    return render(request, "account/passkey.html", {"next": get_next_redirect_url(request) or ""})


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - for the type checker: login_required stands before
    return request.user
