"""Who may open the desk: physicians whose credential is in force. To all others it is as if it were not there.

What somebody has typed is theirs, whatever became of their session or credential while they typed: it comes back.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.cache import never_cache

from forum.desk import keeping
from forum.posting import physician_credential

View = Callable[..., HttpResponseBase]


def physicians_only(view: View) -> View:
    """Ask strangers to sign in, give everybody but physicians in force a 404, and keep the page out of caches."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        typed = keeping.typed_in(request)
        if not request.user.is_authenticated:
            return keeping.signed_out(request) if typed else _sign_in(request)
        if physician_credential(request.user) is None:
            if typed and keeping.was_physician(request.user):
                return keeping.lapsed(request, kwargs.get("public_id", ""))
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page, and from there to where the person wanted to go, if that is a page to look at."""
    return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/desk/")
