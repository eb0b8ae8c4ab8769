"""The states of a post and every move between them, on one screen (DESIGN 3)."""

from django.db import models


class State(models.TextChoices):
    """Where a post stands. Only forum.posts.transitions writes it."""

    PENDING = "pending", "waiting for a moderator"
    PUBLISHED = "published", "published"
    RETURNED = "returned", "sent back to its author"
    REJECTED = "rejected", "not published"
    SPAM = "spam", "spam"
    WITHDRAWN = "withdrawn", "withdrawn by its author"
    REMOVED = "removed", "removed"


class Move(models.TextChoices):
    """What can happen to a post, and how the log says it: “Mo: sent it back”."""

    SUBMIT = "submit", "sent it in"
    EDIT = "edit", "changed it"
    PUBLISH = "publish", "published it"
    MASK = "mask", "published it with parts left out"
    RETURN = "return", "sent it back"
    REJECT = "reject", "decided not to publish it"
    SPAM = "spam", "marked it as spam"
    ASK_COLLEAGUE = "ask-colleague", "asked a colleague"
    ASK_PHYSICIAN = "ask-physician", "asked a physician"
    REMOVE = "remove", "removed it"
    KEEP = "keep", "looked at the reports and left it as it is"
    WITHDRAW = "withdraw", "withdrew it"
    HIDE = "hide", "hid it after reports, until a moderator has looked"
    EXPIRE = "expire", "closed it, since no change came back"
    CORRECT = "correct", "corrected the answer"
    REVIEW = "review", "found the answer still right"
    SUPERSEDE = "supersede", "named a newer answer in its place"
    ANSWERED = "answered", "said that the question is answered"
    ERASE = "erase", "erased what named its author"
    UNDO = "undo", "undid the decision"


class Act(models.TextChoices):
    """What staff do that moves no post, and how the log says it."""

    RULES = "rules", "changed the rules"
    SANCTION = "sanction", "put a sanction on"
    LIFT = "lift", "lifted a sanction on"
    REASONS = "reasons", "changed the library of reasons"
    CHECK = "check", "checked the licence of"
    GRANT = "grant", "recognised as a physician"
    DECLINE = "decline", "declined to recognise"
    REVOKE = "revoke", "withdrew the credential of"
    ROUTE = "route", "routed a question to"


# move -> (states it may start from, state it ends in). SUBMIT starts from nothing: the post is new. UNDO is not here:
# it leads back to where the undone decision began.
MOVES: dict[Move, tuple[frozenset[State], State]] = {
    Move.SUBMIT: (frozenset(), State.PENDING),
    Move.EDIT: (frozenset({State.PENDING, State.RETURNED, State.PUBLISHED}), State.PENDING),
    Move.CORRECT: (frozenset({State.PUBLISHED}), State.PUBLISHED),
    Move.PUBLISH: (frozenset({State.PENDING, State.RETURNED, State.REJECTED, State.SPAM}), State.PUBLISHED),
    Move.MASK: (frozenset({State.PENDING}), State.PUBLISHED),
    Move.RETURN: (frozenset({State.PENDING}), State.RETURNED),
    Move.REJECT: (frozenset({State.PENDING, State.RETURNED}), State.REJECTED),
    Move.SPAM: (frozenset({State.PENDING, State.RETURNED}), State.SPAM),
    Move.ASK_COLLEAGUE: (frozenset({State.PENDING}), State.PENDING),
    Move.ASK_PHYSICIAN: (frozenset({State.PENDING}), State.PENDING),
    Move.WITHDRAW: (frozenset({State.PENDING, State.RETURNED, State.PUBLISHED}), State.WITHDRAWN),
    Move.REMOVE: (frozenset({State.PUBLISHED}), State.REMOVED),
    Move.KEEP: (frozenset({State.PUBLISHED}), State.PUBLISHED),
    Move.HIDE: (frozenset({State.PUBLISHED}), State.PENDING),
    Move.EXPIRE: (frozenset({State.PENDING, State.RETURNED}), State.WITHDRAWN),
    Move.ERASE: (frozenset(State), State.WITHDRAWN),
    Move.REVIEW: (frozenset({State.PUBLISHED}), State.PUBLISHED),
    Move.SUPERSEDE: (frozenset({State.PUBLISHED}), State.PUBLISHED),
    Move.ANSWERED: (frozenset({State.PUBLISHED}), State.PUBLISHED),
}

AUTHOR_MOVES = frozenset({Move.SUBMIT, Move.EDIT, Move.CORRECT, Move.WITHDRAW, Move.ANSWERED})
# Asking somebody decides nothing: the post waits on.
ASKING = frozenset({Move.ASK_COLLEAGUE, Move.ASK_PHYSICIAN})
DECISIONS = frozenset({Move.PUBLISH, Move.MASK, Move.RETURN, Move.REJECT, Move.SPAM, Move.REMOVE, Move.KEEP}) | ASKING
NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.REMOVE})
EDITABLE = MOVES[Move.EDIT][0]
# Nothing is decided yet: its author still waits for word.
UNDECIDED = frozenset({State.PENDING, State.RETURNED})
# From here a post does not become public by itself any more; a moderator may still change a mistake of theirs.
FINAL = frozenset({State.REJECTED, State.SPAM, State.WITHDRAWN, State.REMOVED})
WITHDRAWABLE = MOVES[Move.WITHDRAW][0]
# What the buttons say.
BUTTONS: dict[Move, str] = {
    Move.PUBLISH: "Publish",
    Move.MASK: "Publish without the marked parts",
    Move.RETURN: "Send back",
    Move.REJECT: "Do not publish",
    Move.SPAM: "Spam",
    Move.ASK_COLLEAGUE: "Ask a colleague",
    Move.ASK_PHYSICIAN: "Ask a physician",
    Move.REMOVE: "Remove",
    Move.KEEP: "Leave it as it is",
    Move.UNDO: "Undo",
}
# What moderators read once it is done.
SAID: dict[Move, str] = {
    Move.PUBLISH: "Published.",
    Move.MASK: "Published, without those parts.",
    Move.RETURN: "Sent back to the author, with your reason.",
    Move.REJECT: "Not published. The author is told why.",
    Move.SPAM: "Marked as spam.",
    Move.ASK_COLLEAGUE: "A colleague is asked. The post waits on.",
    Move.ASK_PHYSICIAN: "The physicians are asked. The post waits on.",
    Move.REMOVE: "Removed. The author is told why.",
    Move.KEEP: "Left as it is. Whoever reported it is told.",
}


def allowed(move: Move, state: State) -> bool:
    """True when the move may start from the state."""
    return state in MOVES[move][0]
