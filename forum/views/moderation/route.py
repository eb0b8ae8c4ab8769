"""Set topic: a question's topic, and which physicians are asked for an answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Credential, User
from forum.models import Post, Topic
from forum.physicians import routing
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.shared.guards import moderators_only


class RouteForm(forms.Form):
    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label="Topic",
        required=False,
        empty_label="no topic",
        error_messages={"invalid_choice": "That topic is not offered any more. Please choose another."},
    )
    ask = forms.BooleanField(
        label="Ask the physicians for an answer: the question goes to the top of their list", required=False
    )
    physician = forms.ModelChoiceField(
        User.objects.none(),
        label="Ask one physician",
        help_text="The physician is mailed at once, or when the question is published. Other physicians see it, too.",
        required=False,
        empty_label="nobody by name",
        error_messages={"invalid_choice": "This physician cannot be asked any more. Please choose another."},
    )

    def __init__(self, *args: Any, question: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics: Any = self.fields["topic"]
        topics.queryset = Topic.objects.filter(Q(is_active=True) | Q(pk=question.topic_id or 0))
        people: Any = self.fields["physician"]
        credentials = {found.user_id: str(found) for found in Credential.objects.in_force()}
        in_role = User.objects.filter(groups__permissions__codename="answer_as_physician", is_active=True)
        to_ask = in_role.filter(credentials__in=Credential.objects.in_force()).exclude(pk=question.author_id or 0)
        people.queryset = to_ask.distinct().order_by("name", "pk")
        people.label_from_instance = lambda user: credentials.get(user.pk, user.name)


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: MemberRequest, public_id: str) -> HttpResponse:
    question = access.to_route(request.user, public_id)
    if question.state not in routing.ROUTABLE:
        return render(request, "moderation/not_routed.html", {"question": question}, status=409)
    now = routing.route_of(question)
    initial = {"topic": now.topic, "ask": now.is_asked_for, "physician": now.physician}
    form = RouteForm(request.POST if request.method == "POST" else None, question=question, initial=initial)
    if not form.is_valid():
        context = {"question": question, "form": form}
        return render(request, "moderation/route.html", context, status=422 if form.is_bound else 200)
    values = form.cleaned_data
    asked = values["ask"] or values["physician"] is not None
    routing.route(question, routing.Route(values["topic"], asked, values["physician"]), actor=request.user)
    messages.success(request, "Saved. The question’s topic and its place in the physicians’ list are updated.")
    return redirect("moderation:post", public_id)
