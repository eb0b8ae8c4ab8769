"""/me/name/: another name to be shown by."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms import NameField
from accounts.impersonation import refuse_names_of_others
from accounts.models import User
from forum import limits, people
from forum.access import MemberRequest

TOO_OFTEN = "The name has been changed many times today. Please try again tomorrow: what you typed is still here."


class NameForm(forms.Form):
    """The name that everybody sees."""

    name = NameField(label="Name shown on the site", help_text="Everybody can see it. A nickname is fine.")

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, initial={"name": user.name})
        self.user = user

    def clean_name(self) -> str:
        """Refuse the names of the site's volunteers."""
        name = str(self.cleaned_data["name"])
        refuse_names_of_others(name, self.user)
        return name


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: MemberRequest) -> HttpResponse:
    """Show the form, or take another name."""
    form = NameForm(request.POST if request.method == "POST" else None, user=request.user)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        chosen = form.cleaned_data["name"]
        if chosen == request.user.name or limits.allow_person(request.user, "name", settings.NAMES_PER_DAY):
            people.rename(request.user, chosen)
            messages.success(request, f"You are shown as “{chosen}” now.")
            return redirect("forum:me")
        form.add_error("name", TOO_OFTEN)
        status = 429
    return render(request, "forum/me/name.html", {"form": form}, status=status)
