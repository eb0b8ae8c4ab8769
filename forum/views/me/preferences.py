"""/me/notifications/: a member chooses which mail they want."""

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
    """Let a member choose."""
    return choose(request, Mailbox.of_member(request.user))


@never_cache
@login_required
@require_safe
def follows(request: MemberRequest) -> HttpResponse:
    """Redirect to where the list stands today; old mails and bookmarks lead here."""
    return redirect("forum:my-notifications", permanent=True)
