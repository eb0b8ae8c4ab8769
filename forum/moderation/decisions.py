"""Carrying out what a moderator chose on a form, and the words that say it was done."""

from typing import TYPE_CHECKING, Any

from forum.models import LogEntry, Post
from forum.posts import stored_text, transitions
from forum.states import Move

if TYPE_CHECKING:
    from accounts.models import User

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


def carry_out(post: Post, chosen: dict[str, Any], *, actor: "User", details: dict[str, Any] | None = None) -> LogEntry:
    """Make the move that a valid form holds, on the version that it showed; raises as decisions.move does.

    `chosen` are the form's values: move, version, and reason and reason_code, or the masked text. `details` are for the
    log alone.
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
