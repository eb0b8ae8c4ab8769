"""The button on /me/ of whom our mail does not reach: mail arrives again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import addresses, suppressions
from forum.posts.access import MemberRequest


@login_required
@require_POST
def mail_again(request: MemberRequest) -> HttpResponse:
    """Send mail to the person again."""
    if suppressions.lift(addresses.keys_of(request.user)):
        messages.success(request, "We will send you mail again, from the next one on.")
    return redirect("forum:me")
