"""The states of a post and every move between them, on one screen (DESIGN 3)."""

from enum import StrEnum

from django.db import models


class State(models.TextChoices):
    """Where a post stands. Only moderation.decisions writes it."""

    PENDING = "pending", "waiting for a moderator"
    PUBLISHED = "published", "published"
    RETURNED = "returned", "sent back to its author"
    REJECTED = "rejected", "not published"
    SPAM = "spam", "spam"
    WITHDRAWN = "withdrawn", "withdrawn by its author"
    REMOVED = "removed", "removed"


class Move(StrEnum):
    """What can happen to a post; the name stands in the log."""

    SUBMIT = "submit"
    EDIT = "edit"
    PUBLISH = "publish"
    RETURN = "return"
    REJECT = "reject"
    SPAM = "spam"
    WITHDRAW = "withdraw"
    REMOVE = "remove"


# move -> (states it may start from, state it ends in). SUBMIT starts from nothing: the post is new.
MOVES: dict[Move, tuple[frozenset[State], State]] = {
    Move.SUBMIT: (frozenset(), State.PENDING),
    Move.EDIT: (frozenset({State.PENDING, State.RETURNED}), State.PENDING),
    Move.PUBLISH: (frozenset({State.PENDING, State.RETURNED, State.REJECTED, State.SPAM}), State.PUBLISHED),
    Move.RETURN: (frozenset({State.PENDING}), State.RETURNED),
    Move.REJECT: (frozenset({State.PENDING, State.RETURNED}), State.REJECTED),
    Move.SPAM: (frozenset({State.PENDING, State.RETURNED}), State.SPAM),
    Move.WITHDRAW: (frozenset({State.PENDING, State.RETURNED, State.PUBLISHED}), State.WITHDRAWN),
    Move.REMOVE: (frozenset({State.PUBLISHED}), State.REMOVED),
}

DECISIONS = frozenset({Move.PUBLISH, Move.RETURN, Move.REJECT, Move.SPAM, Move.REMOVE})
NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.REMOVE})
EDITABLE = MOVES[Move.EDIT][0]
# From here a post does not become public by itself any more; a moderator may still change a mistake of theirs.
FINAL = frozenset({State.REJECTED, State.SPAM, State.WITHDRAWN, State.REMOVED})
WITHDRAWABLE = MOVES[Move.WITHDRAW][0]


def allowed(move: Move, state: State) -> bool:
    """True when the move may start from the state."""
    return state in MOVES[move][0]
