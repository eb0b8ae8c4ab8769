"""Decisions from moderators' forms, and the confirmations shown afterwards."""

from typing import TYPE_CHECKING, Any

from forum.models import LogEntry, Post
from forum.posts import stored_text, transitions
from forum.states import Move

if TYPE_CHECKING:
    from accounts.models import User

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


def carry_out(post: Post, chosen: dict[str, Any], *, actor: "User", details: dict[str, Any] | None = None) -> LogEntry:
    """Apply the decision of a valid form to the version that it showed; raises the same errors as posts.transitions.

    `chosen` are the form's values: move, version, and reason and reason_code, or the masked text. `details` go to the
    log only.
    """
    move = Move(chosen["move"])
    if move == Move.MASK:
        return transitions.publish_masked(
            post, stored_text.fields_of(chosen["text"]), actor=actor, version=chosen["version"]
        )
    return transitions.move(
        post,
        move,
        actor=actor,
        version=chosen["version"],
        reason=chosen["reason"],
        reason_code=chosen["reason_code"],
        details=details,
    )
