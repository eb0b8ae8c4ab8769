"""Mails owed for a transition: `announce` decides who gets which mail for a log entry (docs/notifications.md)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact, User
from forum.models import Delivery, LogEntry, Post, Report, Revision, Subscription
from forum.notifications.events import ABOUT_REPLIES
from forum.notifications.outbox import (
    UNSENT,
    Recipient,
    cancel_about,
    hold_back_about,
    next_digest,
    owe,
    owe_many,
    settled_at,
    take_back,
)
from forum.notifications.subscriptions import (
    follow,
    followers_of,
    followers_of_news,
    has_stopped,
    moderator_contacts,
    physician_contacts,
)
from forum.states import ASKING, Act, Move, State

PUBLISHING = frozenset({Move.PUBLISH, Move.MASK})
# The post waits as before: moderators have been told of it.
WAITS_ON = ASKING | {Move.UNDO}
TO_AUTHOR: dict[str, Delivery.Kind] = {
    Move.PUBLISH: Delivery.Kind.PUBLISHED,
    Move.MASK: Delivery.Kind.PUBLISHED,
    Move.RETURN: Delivery.Kind.RETURNED,
    Move.REJECT: Delivery.Kind.REJECTED,
    Move.REMOVE: Delivery.Kind.REMOVED,
    Move.EXPIRE: Delivery.Kind.EXPIRED,
}


def announce(
    entry: LogEntry,
    *,
    question: Post | None = None,
    physician: User | None = None,
    reports: Iterable[Report] = (),
    tells_followers: bool = False,
) -> None:
    """Queue the mails that an entry calls for, in its transaction; a decision's mails wait until it is settled.

    The arguments hold what the entry does not: the `question` that was routed, the `physician` who is asked by name,
    the `reports` that the transition answers, and whether a correction `tells_followers`.
    """
    post = question or _moved(entry)
    for report in reports:
        _tell_reporter(report, entry)
    if physician is not None:
        _tell_routed(post, physician, entry)
    if entry.after == State.PENDING and entry.move not in WAITS_ON:
        _tell_waiting(entry)
    if entry.move == Move.ASK_PHYSICIAN:
        _tell_physicians(entry)
    if entry.move in TO_AUTHOR and _is_news_to_author(entry):
        _tell_author(entry, TO_AUTHOR[entry.move])
    # A restored post was announced when it was first published.
    if entry.move in PUBLISHING and post.published_at == entry.created_at:
        _tell_reply(entry) if post.question_id else tell_news(post, entry)
    if entry.move == Act.ROUTE and "topic" in entry.details:
        tell_news(post, entry)
    if entry.move == Move.CORRECT and tells_followers:
        _tell_correction(entry)
    if entry.move in {Move.REMOVE, Move.SPAM}:
        hold_back_about(entry)
    if entry.move in {Move.WITHDRAW, Move.EXPIRE, Move.ERASE}:
        cancel_about(post, except_entry=entry)
    if entry.move == Move.UNDO and entry.undoes is not None:
        take_back(entry.undoes)
    if (entry.move == Move.SUBMIT or _is_published_at_once(entry)) and post.contact is not None:
        _tell_submitted(post, post.contact)


def _moved(entry: LogEntry) -> Post:
    if entry.post is None:
        raise ValueError("No post moved.")
    return entry.post


def _is_published_at_once(entry: LogEntry) -> bool:
    return entry.move in PUBLISHING and entry.actor_id is None


# --- its author


def _is_news_to_author(entry: LogEntry) -> bool:
    """False for a text that is restored after reports, and for a guest who never confirmed the address."""
    if entry.move in PUBLISHING:
        text = Revision.objects.filter(post=entry.post_id, number=entry.revision)
        return text.filter(published_at=entry.created_at).exists()
    return not (entry.move == Move.EXPIRE and entry.before == State.PENDING)


def _tell_author(entry: LogEntry, kind: Delivery.Kind) -> None:
    post = _moved(entry)
    own = entry.actor_id is not None and entry.actor_id == post.author_id
    if not own and not _is_published_at_once(entry):
        event = f"{kind}:{post.pk}:{entry.version}"
        _owe_author(post, kind, event, entry=entry, next_attempt_at=settled_at(entry))


def _owe_author(post: Post, kind: Delivery.Kind, event: str, **about: Any) -> None:
    if post.contact is None or has_stopped(post.contact, Subscription.Kind.DECISIONS):
        return
    owe(kind, event, post.contact, post=post, subscription=list_of_author(post, post.contact), **about)


def list_of_author(post: Post, author: Contact) -> Subscription:
    """A question's author follows it; a reply's author can only stop the list of all decisions on their posts."""
    followed = post.subscriptions.filter(contact=author, kind=Subscription.Kind.THREAD).first()
    return followed or follow(author, Subscription.Kind.DECISIONS)


def _tell_submitted(post: Post, author: Contact) -> None:
    if post.kind == Post.Kind.QUESTION:
        follow(author, Subscription.Kind.THREAD, post)
    if author.user_id is None and not author.is_confirmed:
        _owe_confirmation(post, author)
    if post.state == State.PENDING:
        # The only mail about an author's own act: it has the link to the private page, for people who close the tab.
        _owe_author(post, Delivery.Kind.RECEIVED, f"received:{post.pk}")


def _owe_confirmation(post: Post, guest: Contact) -> None:
    since = timezone.now() - timedelta(days=1)
    asked = Delivery.objects.filter(
        kind=Delivery.Kind.CONFIRM, created_at__gte=since, recipient__address_key=guest.address_key
    ).count()
    if asked < settings.CONFIRMATIONS_PER_ADDRESS_DAY:
        owe(Delivery.Kind.CONFIRM, f"confirm:{guest.pk}", guest, post=post)


# --- moderators


def _tell_waiting(entry: LogEntry) -> None:
    tell_moderators()
    if _moved(entry).is_urgent:
        tell_moderators_on_call(entry)


def tell_moderators() -> None:
    """Queue one mail with the count for each moderator, at most one every MODERATOR_MAIL_MINUTES.

    The row is locked until the commit, so that the worker cannot count the posts before it sees the new one.
    """
    contacts = moderator_contacts()
    queue = Delivery.objects.filter(kind=Delivery.Kind.QUEUE, recipient__in=contacts)
    # The daily mail is too late for a moderator who has since chosen to be told at once.
    soon = timezone.now() + timedelta(minutes=settings.MODERATOR_MAIL_MINUTES)
    in_time = Q(next_attempt_at__lte=soon) | Q(state=Delivery.State.RETRYING)
    unsent = queue.filter(in_time, state__in=UNSENT).select_for_update()
    told = set(unsent.values_list("recipient_id", flat=True))
    for contact in contacts:
        if contact.pk not in told:
            _owe_queue_mail(contact)


def _owe_queue_mail(contact: Contact) -> None:
    subscription = follow(contact, Subscription.Kind.QUEUE)
    if not subscription.is_active:
        return
    if subscription.pace != Subscription.Pace.AT_ONCE:
        owe_queue_summary(subscription)
        return
    last = Delivery.objects.filter(recipient=contact, kind=Delivery.Kind.QUEUE).order_by("-id").first()
    due = now = timezone.now()
    if last and last.state != Delivery.State.CANCELLED:
        # Not later than the pause from now: the last one may have been sent by a clock that was ahead.
        told_at = min(last.sent_at or now, now)
        due = max(now, told_at + timedelta(minutes=settings.MODERATOR_MAIL_MINUTES))
    # The event is named after the previous one, so that two concurrent requests make one row.
    event = f"queue-after:{last.pk if last else 0}"
    owe(Delivery.Kind.QUEUE, event, contact, subscription=subscription, next_attempt_at=due)


def owe_queue_summary(subscription: Subscription) -> None:
    due = next_digest(Subscription.Pace(subscription.pace), timezone.now())
    event = f"queue-on:{due:%Y-%m-%d}"
    owe(Delivery.Kind.QUEUE, event, subscription.contact, subscription=subscription, next_attempt_at=due)


def tell_moderators_on_call(entry: LogEntry) -> None:
    """Tell the moderators on call of an urgent post by somebody else, or all moderators if nobody is on call."""
    author = _moved(entry).author_id
    contacts = [contact for contact in moderator_contacts() if author is None or contact.user_id != author]
    active = Subscription.objects.active().filter(kind=Subscription.Kind.URGENT, contact__in=contacts)
    on_call = {subscription.contact_id: subscription for subscription in active}
    told = [(contact, on_call.get(contact.pk)) for contact in contacts if not on_call or contact.pk in on_call]
    owe_many(Delivery.Kind.URGENT, f"urgent:{entry.post_id}", told, post=entry.post, entry=entry)


# --- physicians


def _tell_physicians(entry: LogEntry) -> None:
    excluded = {entry.actor_id, _moved(entry).author_id}
    asked = [contact for contact in physician_contacts() if contact.user_id not in excluded]
    lists = [(contact, follow(contact, Subscription.Kind.OPINION)) for contact in asked]
    active = [(contact, of_opinions) for contact, of_opinions in lists if of_opinions.is_active]
    _owe_settled(Delivery.Kind.OPINION, f"opinion:{entry.pk}", active, _moved(entry), entry)


def _tell_routed(question: Post, physician: User, entry: LogEntry) -> None:
    if physician.pk in {entry.actor_id, question.author_id}:
        return
    told = Delivery.objects.filter(kind=Delivery.Kind.ROUTED, post=question, recipient__user=physician)
    if entry.move != Act.ROUTE and told.exclude(state=Delivery.State.CANCELLED).exists():
        return
    contact = Contact.objects.for_user(physician)
    subscription = follow(contact, Subscription.Kind.ROUTED)
    if subscription.is_active:
        _owe_settled(Delivery.Kind.ROUTED, f"routed:{entry.pk}", [(contact, subscription)], question, entry)


# --- followers and reporters


def kind_of(reply: Post) -> Delivery.Kind:
    return Delivery.Kind.ANSWER if reply.is_answer else Delivery.Kind.REPLY


def _tell_reply(entry: LogEntry) -> None:
    reply = _moved(entry)
    _owe_settled(kind_of(reply), f"reply:{reply.pk}", _lists(followers_of(reply)), reply, entry)


def _tell_correction(entry: LogEntry) -> None:
    """Leave out followers whose mail about the answer has not been sent: it leads to the new text."""
    reply = _moved(entry)
    unsent = Delivery.objects.filter(kind__in=ABOUT_REPLIES, post=reply, state__in=UNSENT)
    followers = followers_of(reply).exclude(contact__in=unsent.values("recipient"))
    _owe_settled(kind_of(reply), f"corrected:{reply.pk}:{entry.version}", _lists(followers), reply, entry)


def tell_news(question: Post, entry: LogEntry) -> None:
    """Queue one mail for people who follow both article and topic, and none for the person who acted.

    The event is the question's, so nobody is told of it twice.
    """
    followers: dict[int, Subscription] = {}
    for subscription in followers_of_news(question):
        if subscription.contact.user_id is None or subscription.contact.user_id != entry.actor_id:
            followers.setdefault(subscription.contact_id, subscription)
    _owe_settled(Delivery.Kind.NEWS, f"news:{question.pk}", _lists(followers.values()), question, entry)


def _tell_reporter(report: Report, entry: LogEntry) -> None:
    """The mail names no post: the author's withdrawal must not stop it."""
    if report.reporter is not None:
        contact, event = Contact.objects.for_user(report.reporter), f"report:{report.pk}:{entry.version}"
        owe(Delivery.Kind.REPORT, event, contact, report=report, entry=entry, next_attempt_at=settled_at(entry))


def _lists(followers: Iterable[Subscription]) -> list[Recipient]:
    return [(follower.contact, follower) for follower in followers]


def _owe_settled(kind: Delivery.Kind, event: str, to: Iterable[Recipient], post: Post, entry: LogEntry) -> None:
    owe_many(kind, event, to, post=post, entry=entry, next_attempt_at=settled_at(entry))
