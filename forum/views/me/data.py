"""Data export and erasure for members; both require reauthentication."""

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forum.posts.access import MemberRequest
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.views.shared.data_pages import ask_to_erase, hand_out


@never_cache
@login_required
@require_safe
def my_data(request: MemberRequest) -> HttpResponse:
    erasure = requests.open_erasure(Subject.member(request.user))
    return render(request, "me/data.html", {"erasure": erasure, "hours": settings.ERASURE_HOURS})


@never_cache
@login_required
@require_POST
@reauthentication_required
def export(request: MemberRequest) -> HttpResponse:
    return hand_out(request, Subject.member(request.user), reverse("forum:my-data"))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def erase(request: MemberRequest) -> HttpResponse:
    return ask_to_erase(request, Subject.member(request.user), reverse("forum:my-data"))
