"""The desk itself: what waits for a physician."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forum import access
from forum.access import MemberRequest
from forum.desk import listing
from forum.desk.forms import DeskFilter
from forum.desk.guard import physicians_only
from forum.models import Topic

# What moderators ask is counted no further.
MOST_ASKED = 100


@physicians_only
@require_safe
def questions(request: MemberRequest) -> HttpResponse:
    """List the questions that wait, urgent on top; or another list, filtered as asked. A filter of nonsense: 422."""
    user, topics = request.user, list(Topic.objects.filter(is_active=True))
    shown = request.GET.get("show", "waiting")
    form = DeskFilter(request.GET, topics=topics)
    is_good = form.is_valid() and shown in listing.SHOWN
    keep = {name: value for name, value in form.cleaned_data.items() if value}
    tab = {"show": shown} if shown != "waiting" else {}
    credential = user.current_credential()
    context = {
        "form": form,
        "keep": keep,
        "tab": tab,
        "shown": shown,
        "tabs": listing.tabs(shown, keep),
        "specialty": credential.specialty if credential else "",
        "asked": access.asked_of_physicians(user)[: MOST_ASKED + 1].count(),
    }
    if not is_good:
        return render(request, "desk/list.html", context, status=422)
    found = listing.filtered(listing.rows(user, shown), keep.get("topic", ""), keep.get("specialty", ""))
    context["page"] = listing.page(request, found, user, {**tab, **keep})
    return render(request, "desk/list.html", context)
