"""Question lists of the desk, for volunteer physicians."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum.models import Topic
from forum.physicians import desk
from forum.posts import access
from forum.posts.access import MemberRequest
from forum.views.desk.forms import DeskFilter
from forum.views.shared.guards import physicians_only

# The number of moderators' questions is counted up to here.
ASKED_COUNT_LIMIT = 100


@physicians_only
@require_safe
def questions(request: MemberRequest) -> HttpResponse:
    user, topics = request.user, list(Topic.objects.filter(is_active=True))
    shown = request.GET.get("show", "waiting")
    form = DeskFilter(request.GET, topics=topics)
    is_good = form.is_valid() and shown in desk.SHOWN
    keep = {name: value for name, value in form.cleaned_data.items() if value}
    tab = {"show": shown} if shown != "waiting" else {}
    credential = user.current_credential()
    context = {
        "form": form,
        "keep": keep,
        "tab": tab,
        "shown": shown,
        "tabs": desk.tabs(shown, keep),
        "specialty": credential.specialty if credential else "",
        "asked": access.asked_of_physicians(user)[: ASKED_COUNT_LIMIT + 1].count(),
    }
    if not is_good:
        return render(request, "desk/list.html", context, status=422)
    found = desk.filtered(desk.rows(user, shown), keep.get("topic", ""), keep.get("specialty", ""))
    context["page"] = desk.page(request, found, user, {**tab, **keep})
    return render(request, "desk/list.html", context)
