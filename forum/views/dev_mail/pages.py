"""Sent mail and previews of every kind of mail below /dev/mail/, in development only."""

import re
from itertools import groupby
from pathlib import Path

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from forum.notifications import mails
from forum.notifications.delivery import maildrop
from forum.views.dev_mail import previews

_LINE_OF_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


def _mail_folder() -> Path:
    folder = settings.MAIL_TRANSPORT_OPTIONS.get("folder")
    if not settings.DEVELOPMENT or not folder:
        raise Http404
    return Path(str(folder))


def _dropped(name: str) -> maildrop.Dropped:
    found = maildrop.read_mails(_mail_folder(), name)
    if not found:
        raise Http404
    return found[0]


def _previewed(slug: str) -> mails.Mail:
    preview = previews.find(slug)
    if not settings.DEVELOPMENT or preview is None:
        raise Http404
    return previews.compose(preview)


def _alone(html: str) -> HttpResponse:
    """Return an HTML part as a mail program would show it: its inline style is allowed, nothing else."""
    response = HttpResponse(html)
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


@never_cache
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    kinds = [(kind, list(previews)) for kind, previews in groupby(previews.sorted_by_kind(), lambda one: one.kind)]
    return render(request, "dev_mail/list.html", {"mails": maildrop.read_mails(_mail_folder()), "kinds": kinds})


@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types want a str
@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    dropped = _dropped(name)
    return render(request, "dev_mail/detail.html", {"dropped": dropped, "headers": dropped.mail.items()})


@never_cache
@xframe_options_sameorigin
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    return _alone(_dropped(name).html)


@never_cache
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types want a str
@require_safe
def preview_detail(request: HttpRequest, slug: str) -> HttpResponse:
    mail, preview = _previewed(slug), previews.find(slug)
    links = list(dict.fromkeys(_LINE_OF_LINK.findall(mail.text)))
    return render(request, "dev_mail/kind.html", {"mail": mail, "preview": preview, "links": links})


@never_cache
@xframe_options_sameorigin
@require_safe
def preview_html(request: HttpRequest, slug: str) -> HttpResponse:
    return _alone(_previewed(slug).html)
