"""Events that send mail: what happens, who is told, by which mail; in the words and the order of docs/notifications.md.

This file is only data. Derived values (which list stops a kind of mail, which mails may wait for a summary) are below.
The mail itself is queued by announce.py, or by outbox.owe if the event is no transition of a post.
"""

from dataclasses import dataclass

from forum.models import Delivery, Subscription

Mail = Delivery.Kind
List = Subscription.Kind

# When the mail may be sent. A moderator's decision is settled when it can no longer be undone.
AT_ONCE = "at once"
SETTLED = "when settled"
GUEST, AUTHOR, PERSON = "that guest", "its author", "the person"
FOLLOWER = "followers of the question except its author"
READER = "followers of its article or topic except its author"
MODERATORS = "every active moderator"
PHYSICIANS = "every physician whose credential is in force"
CHECKERS = "every checker but the person"


@dataclass(frozen=True)
class Event:
    """The mail's templates are in templates/emails/<kind>/; a mail without a list cannot be stopped."""

    what: str
    who: str
    when: str
    mail: Delivery.Kind
    stopped_by: tuple[Subscription.Kind, ...] = ()


# Mails about a person's own posts, and about followed things, which may also wait for a summary.
OWN = (List.THREAD, List.DECISIONS)
REPLIES = (List.THREAD, List.REPLIES, List.DIGEST)
ANSWERS = (List.THREAD, List.ANSWERS, List.DIGEST)
NEWS = (List.ARTICLE, List.TOPIC, List.DIGEST)

EVENTS: tuple[Event, ...] = (
    Event("A guest asks or replies", GUEST, AT_ONCE, Mail.CONFIRM),
    Event("A post has arrived, and waits for a moderator", AUTHOR, AT_ONCE, Mail.RECEIVED, OWN),
    Event("A moderator publishes a post, whole or with parts left out", AUTHOR, SETTLED, Mail.PUBLISHED, OWN),
    Event("A moderator sends it back", AUTHOR, SETTLED, Mail.RETURNED, OWN),
    Event("A moderator rejects it", AUTHOR, SETTLED, Mail.REJECTED, OWN),
    Event("A moderator removes a public post", AUTHOR, SETTLED, Mail.REMOVED, OWN),
    Event("A post that was sent back still waits", AUTHOR, "after half of `RETURNED_DAYS`", Mail.REMINDER, OWN),
    Event("Nothing came back: the post is closed", AUTHOR, "after `RETURNED_DAYS`", Mail.EXPIRED, OWN),
    Event("A reader's reply becomes public", FOLLOWER, SETTLED, Mail.REPLY, REPLIES),
    Event("A physician's answer becomes public", FOLLOWER, AT_ONCE, Mail.ANSWER, ANSWERS),
    Event("A physician corrects an answer, and wants it told", FOLLOWER, AT_ONCE, Mail.ANSWER, ANSWERS),
    Event("A question becomes public", READER, SETTLED, Mail.NEWS, NEWS),
    Event("An answer by mail is not taken", "who got the mail that was answered", AT_ONCE, Mail.REFUSED),
    Event("A post waits", MODERATORS, AT_ONCE, Mail.QUEUE, (List.QUEUE,)),
    Event("A post waits that sounds like an emergency", "the moderators on call", AT_ONCE, Mail.URGENT, (List.URGENT,)),
    Event("A post has waited for `MODERATION_TARGET_HOURS`", MODERATORS, AT_ONCE, Mail.ESCALATION, (List.ESCALATION,)),
    Event("A moderator asks the physicians", PHYSICIANS, SETTLED, Mail.OPINION, (List.OPINION,)),
    Event("A moderator asks a physician by name", "that physician", AT_ONCE, Mail.ROUTED, (List.ROUTED,)),
    Event("Questions wait for a physician", PHYSICIANS, "once a week", Mail.DESK, (List.DESK,)),
    Event("A claim at the desk will lapse", "that physician", "6 hours before", Mail.CLAIM, (List.CLAIMS,)),
    Event("A report is answered", "the member who reported", SETTLED, Mail.REPORT),
    Event("A sanction begins", PERSON, AT_ONCE, Mail.SANCTION),
    Event("A guest asks for the link to their own data", GUEST, AT_ONCE, Mail.DATA),
    Event("A person asks to be erased", PERSON, AT_ONCE, Mail.ERASURE),
    Event("Somebody asks to be recognised as a physician", CHECKERS, AT_ONCE, Mail.CHECKERS, (List.CHECKERS,)),
    Event("It is granted, or declined", PERSON, AT_ONCE, Mail.RECOGNISED),
    Event("A credential will lapse", "the physician", "30 and 7 days before", Mail.CREDENTIAL),
    Event("A credential has lapsed, or is withdrawn", "the physician", "within the hour", Mail.CREDENTIAL),
    Event("Joining, signing in, a changed account", PERSON, AT_ONCE, Mail.ACCOUNT),
)

# The lists that end a kind of mail whatever it is about. The others are ended with the subscription that a mail names.
_WHOLE_LISTS = (List.DECISIONS, List.REPLIES, List.ANSWERS)
LIST_OF: dict[str, str] = {event.mail: stop for event in EVENTS for stop in event.stopped_by if stop in _WHOLE_LISTS}
# Sent at the pace that the person has chosen, several in one mail.
TO_FOLLOWERS = frozenset(event.mail for event in EVENTS if List.DIGEST in event.stopped_by)
# Replies of all kinds: news of one thread is sent in one mail.
ABOUT_REPLIES = frozenset(event.mail for event in EVENTS if event.stopped_by in (REPLIES, ANSWERS))
