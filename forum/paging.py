"""Keyset pagination: `?from=<id>` continues after a row, `?to=<id>` goes back before it. No OFFSET, no COUNT."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

# Columns as order_by takes them, "-" for descending. The last one is unique, so that every row has one place.
Order = tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """An empty link means that there are no rows before or after."""

    items: list[Any]
    next_url: str = ""
    previous_url: str = ""
    is_first: bool = True


@dataclass(frozen=True)
class Key:
    """The field that identifies a row in a link, and the parameter for either direction.

    Without a parameter for the way back, pages lead forward only.
    """

    field: str
    forward: str
    backward: str = ""

    def name_of(self, row: object) -> str:
        return str(attrgetter(self.field.replace("__", "."))(row))

    def is_well_formed(self, name: str) -> bool:
        return is_number(name) if self.field == "id" else name.isalnum()


PUBLIC_ID = Key("public_id", "from", "to")


def page_of(
    rows: QuerySet[Any],
    request: HttpRequest,
    *,
    order: Order,
    size: int,
    key: Key = PUBLIC_ID,
    among: QuerySet[Any] | None = None,
    anchor: str = "",
    keep: Mapping[str, str] | None = None,
) -> Page:
    """Return one page of the rows; `size` + 1 are read.

    `among` are the rows that a link may name, by default all of the model: the row may have left the list. `keep` are
    the filters of the page, which its links carry on.
    """
    forward = request.GET.get(key.forward, "")
    backward = request.GET.get(key.backward, "") if key.backward and not forward else ""
    if backward:
        order = _reversed(order)
    if forward or backward:
        known = rows.model._default_manager.all() if among is None else among
        rows = rows.filter(_beyond(_values(known, key, forward or backward, order), order))
    items = list(rows.order_by(*order)[: size + 1])
    more, items = len(items) > size, items[:size]
    if backward:
        items.reverse()
    has_next, has_previous = (True, more) if backward else (more, bool(forward))
    if not items:
        return Page([], is_first=not has_previous)

    def link(parameter: str, row: object) -> str:
        return f"?{urlencode({**(keep or {}), parameter: key.name_of(row)})}{anchor}"

    return Page(
        items,
        next_url=link(key.forward, items[-1]) if has_next else "",
        previous_url=link(key.backward, items[0]) if has_previous and key.backward else "",
        is_first=not has_previous,
    )


def is_number(words: str) -> bool:
    # Longer numbers do not fit into the database's integers.
    return words.isascii() and words.isdigit() and len(words) < 19


def _reversed(order: Order) -> Order:
    return tuple(column[1:] if column.startswith("-") else f"-{column}" for column in order)


def _values(known: QuerySet[Any], key: Key, name: str, order: Order) -> dict[str, Any]:
    if not key.is_well_formed(name):
        raise Http404
    columns = [column.removeprefix("-") for column in order]
    values: dict[str, Any] | None = known.filter(**{key.field: name}).values(*columns).first()
    if values is None or None in values.values():
        raise Http404
    return values


def _beyond(values: Mapping[str, Any], order: Order) -> Q:
    """Return the condition for rows after these values.

    The first bound is redundant, but an index can begin there: with the "or" alone, databases read the index from its
    start.
    """
    further: list[Q] = []
    same = Q()
    for column in order:
        name, direction = column.removeprefix("-"), "lt" if column.startswith("-") else "gt"
        further.append(same & Q(**{f"{name}__{direction}": values[name]}))
        same &= Q(**{name: values[name]})
    if len(order) == 1:
        return further[0]
    first, direction = order[0].removeprefix("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{direction}": values[first]}) & reduce(or_, further)
