"""Rules page: switches, options, and a dry run on the last posts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.conflicts import Conflict
from forum.moderation import rule_changes
from forum.posts.access import MemberRequest
from forum.rules import BY_NAME, facts
from forum.rules.dry_run import dry_run
from forum.views.moderation.rule_forms import RulesForm
from forum.views.shared.guards import rule_tuners_only


@rule_tuners_only
@require_http_methods(["GET", "HEAD", "POST"])
def rules_page(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, RulesForm(current=facts.read_settings()))
    cleared = BY_NAME.get(request.POST.get("seen", ""))
    if cleared:
        rule_changes.clear_fault(cleared.name, actor=request.user)
    form = RulesForm(request.POST, current=facts.read_settings())
    if cleared:
        messages.success(
            request, f"The notice about “{cleared.title}” is dismissed. What you typed is still here, but not saved."
        )
        return _page(request, form, status=200 if form.is_valid() else 422)
    if not form.is_valid():
        return _page(request, form, status=422)
    if request.POST.get("do") == "save":
        return _save(request, form)
    return _page(request, form, trial=dry_run(form.config()))


def _save(request: MemberRequest, form: RulesForm) -> HttpResponse:
    try:
        changed = rule_changes.save(form.config(), actor=request.user, version=form.cleaned_data["version"])
    except Conflict as conflict:
        current = facts.read_settings()
        differing = [BY_NAME[name] for name in facts.differences(current.config, form.config())]
        form.take_version(current)
        return _page(request, form, status=409, conflict=conflict, differing=differing)
    words = ", ".join(BY_NAME[name].title for name in changed)
    messages.success(request, f"Saved: {words}." if changed else "Saved. Nothing had changed.")
    return redirect("moderation:rules")


def _page(request: MemberRequest, form: RulesForm, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "moderation/rules.html", {"form": form, **context}, status=status)
