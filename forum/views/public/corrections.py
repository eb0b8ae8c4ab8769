"""Editing members' own posts, and marking their questions as answered."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.shared.change_text import change_text, mark_answered
from forum.views.shared.private import READ_OR_POST


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def correct(request: MemberRequest, public_id: str) -> HttpResponse:
    return change_text(request, access.own_post(request.user, public_id))


@login_required
@require_POST
def answered(request: MemberRequest, public_id: str) -> HttpResponse:
    return mark_answered(request, access.own_post(request.user, public_id))
