"""Button on /me/ that lifts the block on mail to an address which bounced."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import suppressions
from accounts.models.contacts import keys_of
from forum.posts.access import MemberRequest


@login_required
@require_POST
def mail_again(request: MemberRequest) -> HttpResponse:
    if suppressions.lift(keys_of(request.user)):
        messages.success(request, "We will send you mail again, from the next one on.")
    return redirect("forum:me")
