"""Privacy page: personal data stored, how long and why, with the numbers from the settings."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.posts.report_outcomes import KEYS_KEPT

NUMBERS = (
    "UNCONFIRMED_DAYS",
    "GUEST_FOLLOW_DAYS",
    "RETURNED_DAYS",
    "REJECTED_TEXT_DAYS",
    "DATA_LINK_HOURS",
    "ERASURE_HOURS",
)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    numbers = {name.lower(): getattr(settings, name) for name in NUMBERS}
    sessions = settings.SESSION_COOKIE_AGE // 86_400
    context = {**numbers, "session_days": sessions, "report_days": KEYS_KEPT.days}
    return render(request, "public/privacy.html", context)
