"""Public history of a physician's answer: its public versions and their differences.

Readers' posts have none: an author who removes personal data from a post wants it gone.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from forum.models import LogEntry, Post, Revision
from forum.posts.diff import Changed, differences
from forum.states import Move

TAKING_DOWN = (Move.HIDE, Move.PUBLISH, Move.MASK)


@dataclass(frozen=True)
class Version:
    published_at: datetime | None
    text: str
    changes: list[Changed]


def versions(answer: Post) -> list[Version]:
    public = answer.revisions.filter(number__gte=first_shown(answer)).exclude(published_at=None)
    found: list[Revision] = list(public.order_by("number"))
    changes = [[], *(differences(before.source, after.source) for before, after in pairwise(found))]
    shown = [Version(one.published_at, one.masked, changed) for one, changed in zip(found, changes, strict=True)]
    return shown[::-1]


def first_shown(answer: Post) -> int:
    """Text that a moderator left out, or that the author removed after reports, must not appear in older versions."""
    first, hidden = 1, 0
    moves = LogEntry.objects.not_undone().filter(post=answer, move__in=TAKING_DOWN)
    for move, revision in moves.order_by("id").values_list("move", "revision"):
        if move == Move.MASK:
            first, hidden = revision, 0
        elif move == Move.HIDE:
            hidden = revision
        else:
            first = hidden + 1 if 0 < hidden < revision else first
            hidden = 0
    return first
