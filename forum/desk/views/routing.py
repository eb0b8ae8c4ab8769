"""The moderators' page that routes a question to the physicians, or to one of them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from forum import access
from forum.access import MemberRequest
from forum.desk import routing
from forum.desk.forms import RouteForm
from forum.moderation.views.guard import moderators_only


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: MemberRequest, public_id: str) -> HttpResponse:
    """Say what a question is about and whom it is for."""
    question = access.to_route(request.user, public_id)
    if question.state not in routing.ROUTABLE:
        return render(request, "desk/not_routed.html", {"question": question}, status=409)
    now = routing.of(question)
    initial = {"topic": now.topic, "ask": now.is_asked_for, "physician": now.physician}
    form = RouteForm(request.POST if request.method == "POST" else None, question=question, initial=initial)
    if not form.is_valid():
        context = {"question": question, "form": form}
        return render(request, "desk/route.html", context, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    asked = values["ask"] or values["physician"] is not None
    routing.route(question, routing.Route(values["topic"], asked, values["physician"]), actor=request.user)
    messages.success(request, "Saved. The question waits at the desk as you have said.")
    return redirect("moderation:post", public_id)
