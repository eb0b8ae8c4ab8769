"""Reporting a public post, and the reporter's private page with the outcome."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forum import rate_limits
from forum.models import Post, Report
from forum.posts import access, reports
from forum.views.public.report_form import ReportForm
from forum.views.shared.private import private

TOO_MANY = (
    "Many reports have come from your network within the last hour, so we have to pause. "
    "Nothing is lost: what you typed is still here. Please send it again in an hour."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    form = ReportForm(request.POST if request.method == "POST" else None)
    is_sent = form.is_valid()
    # Before the post is loaded: the first press of a double click may have hidden it.
    twin = reports.sent_before(public_id, form.cleaned_data["form_key"]) if is_sent else None
    if twin:
        return redirect(_page(twin))
    # Loaded as an anonymous visitor: only public posts can be reported.
    post = access.post(AnonymousUser(), public_id)
    if post.written_by(request.user):
        return _answer(request, "public/report_own.html", post, status=403)
    reader = access.Reader.of(request.user, rate_limits.network_of(request))
    if reader.user and (known := reports.earlier(post, reader)):
        messages.info(request, "You have reported this already. Thank you: once is enough.")
        return redirect(_page(known))
    if not is_sent:
        return _answer(request, "public/report.html", post, form, status=422 if form.is_bound else 200)
    return _file(request, post, reader, form)


def _file(request: HttpRequest, post: Post, reader: access.Reader, form: ReportForm) -> HttpResponse:
    if not rate_limits.allow(request, "report", settings.REPORTS_PER_NETWORK_HOUR):
        form.add_error(None, TOO_MANY)
        return _answer(request, "public/report.html", post, form, status=429)
    values = form.cleaned_data
    try:
        filing = reports.file(post, reader, reason=values["reason"], note=values["note"], form_key=values["form_key"])
    except reports.Gone:
        raise Http404 from None
    own = filing.is_new or reader.user or filing.report.token == reports.token_of(post.public_id, values["form_key"])
    if not own:
        # A guest is known by the network alone: the first report may be a neighbour's, and its page is private.
        return _answer(request, "public/report_known.html", post)
    return redirect(_page(filing.report))


@never_cache
@require_safe
def outcome(request: HttpRequest, token: str) -> HttpResponse:
    found = get_object_or_404(Report.objects.select_related("post__question", "post__article"), token=token)
    context = {"report": found, "wait": settings.TYPICAL_WAIT}
    return private(render(request, "public/report_outcome.html", context))


def _page(report: Report) -> str:
    return reverse("forum:report-outcome", args=[report.token])


def _answer(
    request: HttpRequest, template: str, post: Post, form: ReportForm | None = None, status: int = 200
) -> HttpResponse:
    return render(request, template, {"post": post, "form": form}, status=status)
