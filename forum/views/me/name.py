"""Display name of a member: /me/name/."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import NameField, refuse_names_of_others
from accounts.models import User
from forum import rate_limits
from forum.models import Sanction
from forum.moderation import sanctions
from forum.posts import rename
from forum.posts.access import MemberRequest

TOO_OFTEN = "The name has been changed many times today. Please try again tomorrow: what you typed is still here."
# A new name appears on all public posts: a way to write for somebody whom a sanction bars from writing.
SANCTIONED = "You cannot change your name while a moderator’s measure is in force. Your page says until when, and why."


class NameForm(forms.Form):
    name = NameField(label="Name shown on the site", help_text="Everybody can see it. A nickname is fine.")

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, initial={"name": user.name})
        self.user = user

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name, self.user)
        return name


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: MemberRequest) -> HttpResponse:
    form = NameForm(request.POST if request.method == "POST" else None, user=request.user)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        chosen = form.cleaned_data["name"]
        refused, status = _refusal(request.user) if chosen != request.user.name else ("", 200)
        if not refused:
            rename.rename(request.user, chosen)
            messages.success(request, f"You are shown as “{chosen}” now.")
            return redirect("forum:me")
        form.add_error("name", refused)
    return render(request, "me/name.html", {"form": form}, status=status)


def _refusal(user: User) -> tuple[str, int]:
    """Return an error and its HTTP status, or an empty error if the person may change the name now."""
    if sanctions.in_force_on(user).exclude(kind=Sanction.Kind.MUTE).exists():
        return SANCTIONED, 403
    if not rate_limits.allow_person(user, "name", settings.NAMES_PER_DAY):
        return TOO_OFTEN, 429
    return "", 200
