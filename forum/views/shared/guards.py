"""Access decorators for views: sign-in, permissions, and physicians in force."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.credentials import PERMISSION
from forum.posts.access import MemberRequest, physician_credential
from forum.views.shared import kept_text

View = Callable[..., HttpResponseBase]
Press = Callable[[MemberRequest, str], HttpResponse]


def allowed_to(permission: str) -> Callable[[View], View]:
    """Return a decorator: strangers sign in, members without the permission get a 403, and caches keep nothing."""

    def guard(view: View) -> View:
        return login_required(permission_required(permission, raise_exception=True)(never_cache(view)))

    return guard


moderators_only = allowed_to("forum.moderate_posts")
log_readers_only = allowed_to("forum.view_log")
sanctions_only = allowed_to("forum.sanction_members")
rule_tuners_only = allowed_to("forum.tune_rules")
operators_only = allowed_to("forum.operate_mail")
checkers_only = allowed_to(PERMISSION)


def physicians_only(view: View) -> View:
    """Let strangers sign in, give everybody but physicians in force a 404, and keep the page out of caches.

    A text that was typed is given back on an error page instead of being lost.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        typed = kept_text.typed_in(request)
        if not request.user.is_authenticated:
            return kept_text.signed_out(request) if typed else _sign_in(request)
        if physician_credential(request.user) is None:
            if typed and kept_text.was_physician(request.user):
                return kept_text.lapsed(request, kwargs.get("public_id", ""))
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _sign_in(request: HttpRequest) -> HttpResponse:
    # A POST cannot be repeated after signing in: lead to the desk instead.
    return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/desk/")


def button_on(page: str) -> Callable[[Press], Press]:
    """Accept POST only; redirect a GET, such as the one after reauthentication, to the page with the button."""

    def guard(view: Press) -> Press:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def press(request: MemberRequest, public_id: str) -> HttpResponse:
            return view(request, public_id) if request.method == "POST" else redirect(page, public_id)

        return press

    return guard
