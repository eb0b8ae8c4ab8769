"""Keyset pagination: `?from=<id>` continues after a row, `?to=<id>` goes back before it. No OFFSET, no COUNT."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest


@dataclass(frozen=True)
class Page:
    """Some rows and the links to those before and after; an empty link means there are none."""

    items: list[Any]
    next_url: str = ""
    previous_url: str = ""


def page_of(
    rows: QuerySet[Any],
    request: HttpRequest,
    *,
    by: str,
    newest_first: bool,
    size: int,
    anchor: str = "",
    keep: Mapping[str, str] | None = None,
) -> Page:
    """Return one page of the rows, which have public ids, ordered by the column `by` and then id; `size` + 1 are read.

    `keep` are the filters of the page: its links carry them on.
    """
    forward = Cursor.from_request(request, "from", rows.model)
    backward = Cursor.from_request(request, "to", rows.model) if forward is None else None
    descending = newest_first != (backward is not None)
    cursor = forward or backward
    if cursor:
        rows = rows.filter(cursor.beyond(by, descending))
    sign = "-" if descending else ""
    items = list(rows.order_by(f"{sign}{by}", f"{sign}id")[: size + 1])
    more = len(items) > size
    items = items[:size]
    if backward:
        items.reverse()
    has_next = more if backward is None else True
    has_previous = more if backward else forward is not None
    if not items:
        return Page([])
    return Page(
        items,
        next_url=f"?{urlencode({**(keep or {}), 'from': items[-1].public_id})}{anchor}" if has_next else "",
        previous_url=f"?{urlencode({**(keep or {}), 'to': items[0].public_id})}{anchor}" if has_previous else "",
    )


@dataclass(frozen=True)
class Cursor:
    """The row at which a page starts or ends."""

    row: Model

    @classmethod
    def from_request(cls, request: HttpRequest, parameter: str, model: type[Model]) -> "Cursor | None":
        """Return the row named in the URL; an unknown one is a 404, as any link that leads nowhere."""
        public_id = request.GET.get(parameter, "")
        if not public_id:
            return None
        found = model._default_manager.filter(public_id=public_id).first() if public_id.isalnum() else None
        if found is None:
            raise Http404
        return cls(found)

    def beyond(self, by: str, descending: bool) -> Q:
        """Return the condition for rows after this one.

        The bound that comes first says nothing new, but an index can begin there: with the "or" alone, databases read
        the index from its start.
        """
        value = getattr(self.row, by)
        if value is None:
            raise Http404
        direction = "lt" if descending else "gt"
        after = Q(**{f"{by}__{direction}": value}) | Q(**{by: value, f"id__{direction}": self.row.pk})
        return Q(**{f"{by}__{direction}e": value}) & after
