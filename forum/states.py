"""States of a post and all transitions between them (DESIGN 3)."""

from django.db import models


class State(models.TextChoices):
    """Only forum.posts.transitions writes it."""

    PENDING = "pending", "waiting for a moderator"
    PUBLISHED = "published", "published"
    RETURNED = "returned", "sent back to its author"
    REJECTED = "rejected", "not published"
    SPAM = "spam", "spam"
    WITHDRAWN = "withdrawn", "withdrawn by its author"
    REMOVED = "removed", "removed"


class Move(models.TextChoices):
    """Labels complete a sentence in the log: “Mo: sent it back”."""

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
    """Labels complete a sentence in the log."""

    RULES = "rules", "changed the rules"
    SANCTION = "sanction", "put a sanction on"
    LIFT = "lift", "lifted a sanction on"
    REASONS = "reasons", "changed the library of reasons"
    CHECK = "check", "checked the licence of"
    GRANT = "grant", "recognised as a physician"
    DECLINE = "decline", "declined to recognise"
    REVOKE = "revoke", "withdrew the credential of"
    ROUTE = "route", "routed a question to"


# move -> (states it may start from, state it ends in). SUBMIT has no start state, as the post is new. UNDO is not here:
# it restores the state before the undone decision.
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
# Asking somebody is not a final decision: the post stays in the queue.
ASKING = frozenset({Move.ASK_COLLEAGUE, Move.ASK_PHYSICIAN})
DECISIONS = frozenset({Move.PUBLISH, Move.MASK, Move.RETURN, Move.REJECT, Move.SPAM, Move.REMOVE, Move.KEEP}) | ASKING
NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.REMOVE})
EDITABLE = MOVES[Move.EDIT][0]
# No decision yet: the author still waits for one.
UNDECIDED = frozenset({State.PENDING, State.RETURNED})
# These posts never become public by themselves; only a moderator who corrects a mistake can change them.
FINAL = frozenset({State.REJECTED, State.SPAM, State.WITHDRAWN, State.REMOVED})
WITHDRAWABLE = MOVES[Move.WITHDRAW][0]
# Labels of the buttons.
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
CONFIRMATIONS: dict[Move, str] = {
    Move.PUBLISH: "Published.",
    Move.MASK: "Published without the marked parts.",
    Move.RETURN: "Sent back to the author with your reason.",
    Move.REJECT: "Not published. The author receives your reason.",
    Move.SPAM: "Marked as spam.",
    Move.ASK_COLLEAGUE: "A colleague has been asked. The post stays in the queue.",
    Move.ASK_PHYSICIAN: "The physicians have been asked. The post stays in the queue.",
    Move.REMOVE: "Removed. The author receives your reason.",
    Move.KEEP: "Left as it is. The readers who reported it are informed.",
}


def allowed(move: Move, state: State) -> bool:
    return state in MOVES[move][0]
