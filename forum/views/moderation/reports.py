"""Readers' reports on public posts, and muting readers whose reports only do harm."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.conflicts import Conflict, Refused
from forum.models import Report
from forum.moderation import report_lists, sanctions
from forum.posts.access import MemberRequest
from forum.views.moderation.sanction_forms import ReasonForm
from forum.views.shared.guards import moderators_only, sanctions_only


@moderators_only
@require_safe
def reported(request: MemberRequest) -> HttpResponse:
    context = {"found": report_lists.to_review(), "most": report_lists.POSTS_SHOWN}
    return render(request, "moderation/reports.html", context)


@sanctions_only
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: MemberRequest, number: int) -> HttpResponse:
    """Mute the sender of this report without telling the moderator who it is."""
    report = get_object_or_404(Report.objects.select_related("reporter", "post__question"), pk=number)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sanctions.mute_reporter(report, reason=form.cleaned_data["reason"], actor=request.user)
        except Refused as refused:
            form.add_error(None, str(refused))
        except Conflict:
            messages.info(request, "The reports of this reader do not count already.")
            return redirect("moderation:reports")
        else:
            messages.success(request, f"The reports of this reader do not count for {sanctions.MUTE_DAYS} days.")
            return redirect("moderation:reports")
    context = {"form": form, "line": report_lists.lines([report])[0], "days": sanctions.MUTE_DAYS}
    return render(request, "moderation/reports_mute.html", context, status=422 if form.errors else 200)
