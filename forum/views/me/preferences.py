"""E-mail settings of a member: /me/notifications/."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forum.posts.access import MemberRequest
from forum.preferences.mailbox import Mailbox
from forum.views.shared.preferences import choose
from forum.views.shared.private import READ_OR_POST


@never_cache
@login_required
@require_http_methods(READ_OR_POST)
def notifications(request: MemberRequest) -> HttpResponse:
    return choose(request, Mailbox.of_member(request.user))


@never_cache
@login_required
@require_safe
def follows(request: MemberRequest) -> HttpResponse:
    # Old mails and bookmarks lead to /me/follows/.
    return redirect("forum:my-notifications", permanent=True)
