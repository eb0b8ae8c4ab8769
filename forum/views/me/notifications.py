"""/me/notifications/: which mail a member wants."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from forum import choices
from forum.access import MemberRequest


class ChoicesForm(forms.Form):
    """One box for each kind of mail that the person may get."""

    wanted = forms.MultipleChoiceField(
        label="Mail me about",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "One of these is not there any more. Please choose again."},
    )

    def __init__(self, data: Any, *, user: User) -> None:
        offered = choices.of(user)
        on = [choice.kind.value for choice in offered if choice.is_on]
        super().__init__(data, initial={"wanted": on})
        labels = [(choice.kind.value, choice.label[:1].upper() + choice.label[1:]) for choice in offered]
        self.fields["wanted"].choices = labels  # type: ignore[attr-defined] # a field with choices


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: MemberRequest) -> HttpResponse:
    """Show the boxes, store them, or stop everything."""
    if request.method == "POST" and request.POST.get("all") == "off":
        choices.stop_everything(request.user)
        messages.success(request, "You will get no more mail, except what cannot be stopped: see below.")
        return redirect("forum:my-notifications")
    form = ChoicesForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        choices.save(request.user, {choices.Kind(kind) for kind in form.cleaned_data["wanted"]})
        messages.success(request, "Your choice is saved.")
        return redirect("forum:my-notifications")
    return render(request, "forum/me/notifications.html", {"form": form}, status=422 if form.is_bound else 200)
