"""What machines ask for: robots.txt; and development's mail folder. Health and readiness: health.py."""

from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from forum.notifications import maildrop


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep search engines away from private links and from pages that only moderators can use."""
    closed = ["/accounts/", "/admin/", "/confirm/", "/desk/", "/me/", "/moderation/", "/p/", "/unsubscribe/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _mail_folder() -> Path:
    folder = settings.MAIL_TRANSPORT_OPTIONS.get("folder")
    if not settings.DEVELOPMENT or not folder:
        raise Http404
    return Path(str(folder))


def _dropped(name: str) -> maildrop.Dropped:
    found = maildrop.read(_mail_folder(), name)
    if not found:
        raise Http404
    return found[0]


@never_cache
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """List development's mail."""
    return render(request, "dev/mail_list.html", {"mails": maildrop.read(_mail_folder())})


@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types want a str
@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail of development's folder."""
    dropped = _dropped(name)
    return render(request, "dev/mail_detail.html", {"dropped": dropped, "headers": dropped.mail.items()})


@never_cache
@xframe_options_sameorigin
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show the HTML part alone, as a mail program would, allowing its inline style and nothing else."""
    response = HttpResponse(_dropped(name).html)
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response
