"""Claims on posts that a moderator has open, and the on-call switch."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from forum.moderation import claims, on_call
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.moderation.deciding import by_htmx
from forum.views.shared.guards import moderators_only


@moderators_only
@require_POST
def claim(request: MemberRequest, public_id: str) -> HttpResponse:
    post = access.to_decide(request.user, public_id)
    held = claims.claim_post(post, request.user)
    if not by_htmx(request):
        return redirect("moderation:post", public_id)
    other = held if held is not None and held.moderator_id != request.user.pk else None
    return render(request, "moderation/_claim.html", {"claim": other})


@moderators_only
@require_POST
def release(request: MemberRequest, public_id: str) -> HttpResponse:
    claims.release(access.to_decide(request.user, public_id), request.user)
    # The page's script sends a beacon when the moderator leaves; nobody reads the response.
    return HttpResponse(status=204) if "beacon" in request.POST else redirect("moderation:queue")


@moderators_only
@require_POST
def call(request: MemberRequest) -> HttpResponse:
    if request.POST.get("on") == "1":
        on_call.begin(request.user)
        messages.success(request, "You are on call: urgent posts are mailed to you at once.")
    else:
        on_call.stop(request.user)
        messages.success(request, "You are no longer on call.")
    return redirect("moderation:queue")
