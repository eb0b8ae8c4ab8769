"""Search in the moderation log by kind of entry, person and date, newest first, with keyset pagination."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import User
from forum import audit
from forum.models import LogEntry
from forum.states import Act, Move

PAGE = 50
GROUPS = [("", "everything"), ("Posts", Move.choices), ("Staff", Act.choices)]


class DayInput(forms.DateInput):
    """A date as browsers ask for it; what is none comes back as the text that was typed."""

    input_type = "date"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return what the template shows."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        try:
            date.fromisoformat(str(context["widget"]["value"] or "2000-01-01"))
        except ValueError:
            context["widget"]["type"] = "text"
        return context


class LogFilter(forms.Form):
    """What of the log is to be shown; sent by GET, every field may be left out."""

    move = forms.ChoiceField(label="What happened", choices=GROUPS, required=False)
    by = forms.ModelChoiceField(User.objects.none(), label="Who did it", required=False, empty_label="everybody")
    since = forms.DateField(label="From", required=False, widget=DayInput)
    until = forms.DateField(label="Up to", required=False, widget=DayInput)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        # Whoever moderates today; a link at a name finds everybody else's lines.
        chosen = Q(groups__name__in=[roles.MODERATORS, roles.STAFF])
        asked = str(self.data.get("by", ""))
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            chosen |= Q(pk=int(asked))
        people: Any = self.fields["by"]
        people.queryset = User.objects.filter(chosen).distinct().order_by("name", "pk")

    def entries(self) -> QuerySet[LogEntry]:
        """Return the lines that the filter lets through, newest first; call when it is valid."""
        values = self.cleaned_data
        # Who undid a decision is a question of its own: joined, SQLite reads the log once for each line of the page.
        undoing = Prefetch("undone_by", LogEntry.objects.select_related("actor", "post"))
        found = audit.entries().select_related(*audit.RELATED, "undoes").prefetch_related(undoing)
        found = found.order_by("-created_at", "-id")
        if values["move"]:
            found = found.filter(move=values["move"])
        if values["by"]:
            found = found.filter(actor=values["by"])
        if values["since"]:
            found = found.filter(created_at__gte=_midnight(values["since"]))
        if values["until"]:
            found = found.filter(created_at__lt=_midnight(values["until"]) + timedelta(days=1))
        return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def after(entries: QuerySet[LogEntry], before: str) -> QuerySet[LogEntry]:
    """Return the entries older than the one with that number; an unknown number is a 404."""
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404
    last = LogEntry.objects.filter(pk=int(before)).values_list("created_at", "pk").first()
    if last is None:
        raise Http404
    moment, number = last
    # The first condition is implied by the second; it is what lets the index begin at the right place.
    return entries.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=number))
