"""Data export and erasure, for members' and guests' pages."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from forum import rate_limits
from forum.privacy import export, requests
from forum.privacy.subject import Subject
from forum.views.shared.data_forms import EraseForm
from forum.views.shared.private import private

TOO_MANY = (
    "This was asked for many times from your network within the last hour, so we have to pause. "
    "Nothing is lost. Please try again in an hour."
)
LAST_OPERATOR = (
    "You are the only person who can look after the site’s accounts, so we cannot erase you yet. "
    "Please give somebody else these rights first. Nothing has changed."
)


def is_too_often(request: HttpRequest) -> bool:
    """Count one more request; True if the network's hourly limit is exceeded."""
    return not rate_limits.allow(request, "data", settings.DATA_PER_NETWORK_HOUR)


def hand_out(request: HttpRequest, subject: Subject, back: str) -> HttpResponse:
    if is_too_often(request):
        context = {"words": TOO_MANY, "back": back}
        return private(render(request, "shared/data_too_many.html", context, status=429))
    response = HttpResponse(export.archive(subject), content_type="application/zip")
    # A fixed name, which tells nothing about anybody.
    response["Content-Disposition"] = f'attachment; filename="{export.FILE_NAME}"'
    return private(response)


def ask_to_erase(request: HttpRequest, subject: Subject, back: str) -> HttpResponse:
    form = EraseForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            erasure = requests.request_erasure(subject, keep_posts=form.keeps_posts)
        except requests.LastOperator:
            form.add_error(None, LAST_OPERATOR)
            status = 403
        else:
            return private(redirect(reverse("forum:erasure", args=[erasure.token])))
    context = {"form": form, "back": back, "hours": settings.ERASURE_HOURS, "is_member": subject.user is not None}
    return private(render(request, "shared/data_erase.html", context, status=status))
