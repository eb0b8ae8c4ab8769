"""Which move of a post tells whom: `announce` is the table of events (docs/notifications.md)."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post, Revision, Subscription
from forum.notifications import news
from forum.notifications.outbox import (
    UNSENT,
    cancel_about,
    hold_back_about,
    next_digest,
    owe,
    owe_many,
    settled_at,
)
from forum.notifications.recipients import followers_of, moderator_contacts, physician_contacts
from forum.notifications.subscriptions import follow, has_stopped
from forum.states import ASKING, Move, State


def announce(entry: LogEntry) -> None:
    """Owe everybody the mail that one move of a post calls for. A moderator's decision waits until it is settled."""
    post = moved(entry)
    if entry.after == State.PENDING and entry.move not in ASKING:
        tell_moderators()
        if post.is_urgent:
            tell_moderators_on_call(entry)
    if entry.move == Move.ASK_PHYSICIAN:
        tell_physicians(entry)
    if entry.move in TO_AUTHOR and _is_news_to_author(entry):
        _tell_author(entry, TO_AUTHOR[Move(entry.move)])
    # What comes back has been announced when it was first published.
    if entry.move in PUBLISHING and post.published_at == entry.created_at:
        _tell_followers(entry) if post.question_id else news.tell(post, entry)
    if entry.move in {Move.REMOVE, Move.SPAM}:
        hold_back_about(entry)
    if entry.move in {Move.WITHDRAW, Move.EXPIRE, Move.ERASE}:
        cancel_about(post, except_entry=entry)


PUBLISHING = frozenset({Move.PUBLISH, Move.MASK})
TO_AUTHOR: dict[Move, Delivery.Kind] = {
    Move.PUBLISH: Delivery.Kind.PUBLISHED,
    Move.MASK: Delivery.Kind.PUBLISHED,
    Move.RETURN: Delivery.Kind.RETURNED,
    Move.REJECT: Delivery.Kind.REJECTED,
    Move.REMOVE: Delivery.Kind.REMOVED,
    Move.EXPIRE: Delivery.Kind.EXPIRED,
}


def _is_news_to_author(entry: LogEntry) -> bool:
    """False for a text that merely comes back after reports; and when its guest never confirmed: nobody can be told."""
    if entry.move in PUBLISHING:
        text = Revision.objects.filter(post=entry.post_id, number=entry.revision)
        return text.filter(published_at=entry.created_at).exists()
    return not (entry.move == Move.EXPIRE and entry.before == State.PENDING)


def moved(entry: LogEntry) -> Post:
    """Return the post that the entry is about; only acts of staff have none, and they are announced elsewhere."""
    if entry.post is None:
        raise ValueError("No post moved.")
    return entry.post


def owe_confirmation(contact: Contact, post: Post) -> None:
    """Ask the guest to confirm the address, unless it has had enough such mails today."""
    since = timezone.now() - timedelta(days=1)
    asked = Delivery.objects.filter(
        kind=Delivery.Kind.CONFIRM, created_at__gte=since, recipient__address_key=contact.address_key
    ).count()
    if asked < settings.CONFIRMATIONS_PER_ADDRESS_DAY:
        owe(Delivery.Kind.CONFIRM, f"confirm:{contact.pk}", contact, post=post)


def tell_moderators() -> None:
    """Owe each moderator one mail with the count, at most one every MODERATOR_MAIL_MINUTES.

    However many posts arrive before it leaves, there is one row. That row is locked until our commit: the worker can
    then not claim it, and count what waits, before it sees the post that we are about to commit.
    """
    contacts = moderator_contacts()
    queue = Delivery.objects.filter(kind=Delivery.Kind.QUEUE, recipient__in=contacts)
    # A day's mail, of somebody who has since chosen to be told at once, tells it too late.
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
    # Named after the one before it: two requests at once make one row.
    event = f"queue-after:{last.pk if last else 0}"
    owe(Delivery.Kind.QUEUE, event, contact, subscription=subscription, next_attempt_at=due)


def owe_queue_summary(subscription: Subscription) -> None:
    """Owe a moderator who wants one mail a day (or a week) the next one; named after its day, there is one."""
    due = next_digest(Subscription.Pace(subscription.pace), timezone.now())
    about = {"subscription": subscription, "next_attempt_at": due}
    owe(Delivery.Kind.QUEUE, f"queue-on:{due:%Y-%m-%d}", subscription.contact, **about)


def tell_moderators_on_call(entry: LogEntry) -> None:
    """Owe the moderators on call word of an urgent post of somebody else, at once; all, when nobody is on call."""
    author = moved(entry).author_id
    contacts = [contact for contact in moderator_contacts() if author is None or contact.user_id != author]
    active = Subscription.objects.active().filter(kind=Subscription.Kind.URGENT, contact__in=contacts)
    on_call = {subscription.contact_id: subscription for subscription in active}
    for contact in contacts:
        if not on_call or contact.pk in on_call:
            about = {"post": entry.post, "entry": entry, "subscription": on_call.get(contact.pk)}
            owe(Delivery.Kind.URGENT, f"urgent:{entry.post_id}", contact, **about)


def tell_physicians(entry: LogEntry) -> None:
    """Owe the physicians whose credential is in force word that a moderator asks for their opinion."""
    for contact in physician_contacts():
        if contact.user_id in {entry.actor_id, moved(entry).author_id}:
            continue
        subscription = follow(contact, Subscription.Kind.OPINION)
        if subscription.is_active:
            due = {"next_attempt_at": settled_at(entry), "subscription": subscription}
            owe(Delivery.Kind.OPINION, f"opinion:{entry.pk}", contact, post=entry.post, entry=entry, **due)


def tell_received(post: Post) -> None:
    """Owe the author word that a post has arrived and waits, with how long that takes; not of what is public at once.

    The one mail about an act of one's own: it brings the private page to whoever closes the tab.
    """
    if post.state == State.PENDING:
        _owe_author(post, Delivery.Kind.RECEIVED, f"received:{post.pk}")


def _tell_author(entry: LogEntry, kind: Delivery.Kind) -> None:
    """Owe the author word of a decision; nobody gets mail about their own act or what they just saw."""
    post = moved(entry)
    seen = entry.actor_id is None and entry.move in PUBLISHING
    if not seen and (entry.actor_id is None or entry.actor_id != post.author_id):
        due = settled_at(entry)
        _owe_author(post, kind, f"{kind}:{post.pk}:{entry.version}", entry=entry, next_attempt_at=due)


def _owe_author(post: Post, kind: Delivery.Kind, event: str, **about: Any) -> None:
    """Owe the author mail about their post, unless they have stopped all such mail."""
    if post.contact is None or has_stopped(post.contact, Subscription.Kind.DECISIONS):
        return
    owe(kind, event, post.contact, post=post, subscription=list_of_author(post, post.contact), **about)


def list_of_author(post: Post, author: Contact) -> Subscription:
    """Return what ends mail to its author about the post: of a question that is how they follow it.

    A reply is not followed by its author: what can be stopped is the whole list of what became of their posts.
    """
    followed = post.subscriptions.filter(contact=author, kind=Subscription.Kind.THREAD).first()
    return followed or follow(author, Subscription.Kind.DECISIONS)


def kind_of(reply: Post) -> Delivery.Kind:
    """Return which mail tells followers of it: a physician's answer has one of its own."""
    return Delivery.Kind.ANSWER if reply.is_answer else Delivery.Kind.REPLY


def _tell_followers(entry: LogEntry) -> None:
    """Owe everybody who follows the question word of the reply, but not its own author."""
    reply = moved(entry)
    followers = [(follower.contact, follower) for follower in followers_of(reply)]
    about = {"post": reply, "entry": entry, "next_attempt_at": settled_at(entry)}
    owe_many(kind_of(reply), f"reply:{reply.pk}", followers, **about)
