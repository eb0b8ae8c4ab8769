"""Editing a post, and marking a question as answered, by private link."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forum.posts import access
from forum.views.shared.change_text import change_text, mark_answered
from forum.views.shared.private import READ_OR_POST, private


@never_cache
@require_http_methods(READ_OR_POST)
def edit(request: HttpRequest, token: str) -> HttpResponse:
    return private(change_text(request, access.own_by_token(token)))


@require_POST
def answered_by_link(request: HttpRequest, token: str) -> HttpResponse:
    return private(mark_answered(request, access.own_by_token(token)))
