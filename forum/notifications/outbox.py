"""Who is owed which mail. Rows are written in the transaction of the change they announce (DESIGN 4, promise 2).

`announce` is the table of events; `owe` writes one row and, after the commit, asks the worker to send it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, Credential, User
from forum.models import Delivery, LogEntry, Post, Revision, Subscription
from forum.notifications import mails, tasks
from forum.states import ASKING, DECISIONS, Move, State

UNDO_MARGIN = timedelta(seconds=15)
UNSENT = (Delivery.State.OWED, Delivery.State.PARKED, Delivery.State.RETRYING)


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
    if entry.move in PUBLISHING and post.published_at == entry.created_at and post.question_id:
        _tell_followers(entry)
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


def settled_at(entry: LogEntry) -> datetime:
    """Return when the entry's mails may leave: at once, or when a moderator's decision can no longer be undone."""
    if entry.actor_id is None or entry.move not in DECISIONS or not settings.UNDO_SECONDS:
        return entry.created_at
    # A little longer than the window itself, so that an undo in its last moment still stops the mail.
    return entry.created_at + timedelta(seconds=settings.UNDO_SECONDS) + UNDO_MARGIN


def take_back(entry: LogEntry) -> None:
    """Stop the mails of a decision that is undone."""
    unsent = Delivery.objects.filter(entry=entry, state__in=UNSENT)
    unsent.update(state=Delivery.State.CANCELLED, last_error="The decision was undone.")


def owe(kind: Delivery.Kind, event: str, recipient: Contact, **fields: Any) -> None:
    """Write that `recipient` is owed a mail about `event`; a second call for the same pair changes nothing.

    A guest who has not confirmed the address is owed it too, but it stays parked until then.
    `fields` may hold what the mail is about, subscription, stored and next_attempt_at.
    """
    waits = not recipient.is_confirmed and kind not in mails.TO_ANYBODY
    state = Delivery.State.PARKED if waits else Delivery.State.OWED
    delivery = Delivery(kind=kind, event=event, recipient=recipient, state=state, **fields)
    with transaction.atomic():
        Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
        if state == Delivery.State.OWED and delivery.next_attempt_at <= timezone.now():
            key = delivery.message_key
            transaction.on_commit(lambda: tasks.send_soon(Delivery.objects.filter(message_key=key)), robust=True)


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
    unsent = queue.filter(state__in=UNSENT).select_for_update()
    told = set(unsent.values_list("recipient_id", flat=True))
    for contact in contacts:
        if contact.pk not in told:
            _owe_queue_mail(contact)


def _owe_queue_mail(contact: Contact) -> None:
    last = Delivery.objects.filter(recipient=contact, kind=Delivery.Kind.QUEUE).order_by("-id").first()
    due = now = timezone.now()
    if last and last.state != Delivery.State.CANCELLED:
        due = max(now, (last.sent_at or now) + timedelta(minutes=settings.MODERATOR_MAIL_MINUTES))
    subscription = follow(contact, Subscription.Kind.QUEUE)
    if subscription.is_active:
        # Named after the one before it: two requests at once make one row.
        event = f"queue-after:{last.pk if last else 0}"
        owe(Delivery.Kind.QUEUE, event, contact, subscription=subscription, next_attempt_at=due)


def moderator_contacts() -> list[Contact]:
    """Return the contacts of the active people who may decide on posts; two queries once everybody has one."""
    return contacts_with("forum.moderate_posts")


def contacts_with(permission: str) -> list[Contact]:
    """Return the contacts of the active people who were given the permission ("app.codename"), by a role or by name."""
    app, codename = permission.split(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    holds = Q(groups__permissions__in=named) | Q(user_permissions__in=named)
    return _contacts(User.objects.filter(holds))


def _permission(codename: str) -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label="forum", codename=codename)


def _contacts(people: QuerySet[User]) -> list[Contact]:
    people = people.filter(is_active=True).select_related("contact").distinct()
    return [person.contact if hasattr(person, "contact") else Contact.objects.for_user(person) for person in people]


def follow(contact: Contact, kind: Subscription.Kind, post: Post | None = None) -> Subscription:
    """Return the person's subscription, made if there is none yet; an ended one stays ended."""
    return Subscription.objects.get_or_create(contact=contact, kind=kind, post=post)[0]


def has_stopped(contact: Contact, kind: Subscription.Kind) -> bool:
    """True when the person wants no mail of this list; who has said nothing wants it."""
    return Subscription.objects.filter(contact=contact, kind=kind, post=None, ended_at__isnull=False).exists()


def tell_moderators_on_call(entry: LogEntry) -> None:
    """Owe the moderators on call word of an urgent post, at once; all moderators, when nobody is on call."""
    contacts = moderator_contacts()
    following = Subscription.objects.active().filter(kind=Subscription.Kind.URGENT, contact__in=contacts)
    on_call = {subscription.contact_id: subscription for subscription in following}
    for contact in contacts:
        if not on_call or contact.pk in on_call:
            about = {"post": entry.post, "entry": entry, "subscription": on_call.get(contact.pk)}
            owe(Delivery.Kind.URGENT, f"urgent:{entry.post_id}", contact, **about)


def physician_contacts() -> list[Contact]:
    """Return the contacts of the active physicians whose credential is in force."""
    holds = Q(groups__permissions__in=_permission("answer_as_physician"))
    return _contacts(User.objects.filter(holds, credentials__in=Credential.objects.in_force()))


def tell_physicians(entry: LogEntry) -> None:
    """Owe the physicians whose credential is in force word that a moderator asks for their opinion."""
    for contact in physician_contacts():
        if contact.user_id in {entry.actor_id, moved(entry).author_id}:
            continue
        subscription = follow(contact, Subscription.Kind.OPINION)
        if subscription.is_active:
            due = {"next_attempt_at": settled_at(entry), "subscription": subscription}
            owe(Delivery.Kind.OPINION, f"opinion:{entry.pk}", contact, post=entry.post, entry=entry, **due)


def _tell_author(entry: LogEntry, kind: Delivery.Kind) -> None:
    """Owe the author word of a decision; nobody gets mail about their own act or what they just saw."""
    post = moved(entry)
    seen = entry.actor_id is None and entry.move in PUBLISHING
    if post.contact is None or seen or (entry.actor_id == post.author_id and entry.actor_id is not None):
        return
    if has_stopped(post.contact, Subscription.Kind.DECISIONS):
        return
    subscription = post.subscriptions.filter(contact=post.contact, kind=Subscription.Kind.THREAD).first()
    if subscription is None and post.contact.user_id is not None:
        # About a member's reply: what can be stopped is the whole list.
        subscription = follow(post.contact, Subscription.Kind.DECISIONS)
    about = {"post": post, "entry": entry, "subscription": subscription, "next_attempt_at": settled_at(entry)}
    owe(kind, f"{kind}:{post.pk}:{entry.version}", post.contact, **about)


def _tell_followers(entry: LogEntry) -> None:
    """Owe everybody who follows the question word of the reply, but not its own author."""
    reply = moved(entry)
    about = {"post": reply, "entry": entry, "next_attempt_at": settled_at(entry)}
    for subscription in followers_of(reply):
        event = f"reply:{reply.pk}"
        # Published, undone and published again: the mail that was taken back is owed once more, not twice.
        taken_back = Delivery.objects.filter(
            event=event, recipient=subscription.contact, state=Delivery.State.CANCELLED, entry__undone_by__isnull=False
        )
        waits = Delivery.State.OWED if subscription.contact.is_confirmed else Delivery.State.PARKED
        if not taken_back.update(**about, state=waits, last_error=""):
            owe(Delivery.Kind.REPLY, event, subscription.contact, subscription=subscription, **about)


def followers_of(reply: Post) -> QuerySet[Subscription]:
    """Return who follows the reply's question and has not stopped mail about replies; not the reply's own author."""
    followers = Subscription.objects.active().filter(kind=Subscription.Kind.THREAD, post=reply.question_id)
    stopped = Subscription.objects.filter(kind=Subscription.Kind.REPLIES, ended_at__isnull=False)
    followers = followers.exclude(contact__in=stopped.values("contact"))
    return followers.exclude(contact=reply.contact_id).select_related("contact")


def hold_back_about(entry: LogEntry) -> None:
    """Let nothing leave about a post that is gone while that can be undone; what is then untrue cancels itself."""
    about = Delivery.objects.filter(post=entry.post, state__in=UNSENT).exclude(entry=entry)
    later = about.exclude(kind=Delivery.Kind.CONFIRM).filter(next_attempt_at__lt=settled_at(entry))
    later.update(next_attempt_at=settled_at(entry))


def cancel_about(post: Post, except_entry: LogEntry | None = None) -> None:
    """Stop what has not left yet about a post that its author took back."""
    about = Delivery.objects.filter(post=post, state__in=UNSENT).exclude(kind=Delivery.Kind.CONFIRM)
    if except_entry:
        about = about.exclude(entry=except_entry)
    about.update(state=Delivery.State.CANCELLED)


def confirm(contact: Contact) -> None:
    """Record that the owner of the address has pressed the button, and let go what was parked for it."""
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk, confirmed_at=None).update(confirmed_at=timezone.now())
        release([contact.pk])


def release(contact_ids: list[int]) -> None:
    """Owe what was parked for these contacts, now that their addresses are confirmed."""
    parked = Delivery.objects.filter(recipient__in=contact_ids, state=Delivery.State.PARKED)
    keys = list(parked.values_list("message_key", flat=True))
    # Not earlier than it was due: a decision may still be undone.
    parked.update(state=Delivery.State.OWED)
    due = Delivery.objects.filter(message_key__in=keys, next_attempt_at__lte=timezone.now())
    transaction.on_commit(lambda: tasks.send_soon(due), robust=True)


def end(subscription: Subscription) -> None:
    """Stop one subscription and what is still owed because of it."""
    with transaction.atomic():
        Subscription.objects.filter(pk=subscription.pk, ended_at=None).update(ended_at=timezone.now())
        Delivery.objects.filter(subscription=subscription, state__in=UNSENT).update(state=Delivery.State.CANCELLED)


def resume(subscription: Subscription) -> None:
    """Follow again after having stopped."""
    Subscription.objects.filter(pk=subscription.pk).update(ended_at=None)


def forget(contact_ids: list[int]) -> None:
    """Stop everything for people who are erased, also what is being sent, and keep of each mail only that it was owed.

    One that was handed to the mail server in this moment arrives; its worker then finds the row closed.
    """
    mail = Delivery.objects.filter(recipient__in=contact_ids)
    mail.filter(state__in=(*UNSENT, Delivery.State.SENDING)).update(state=Delivery.State.CANCELLED)
    mail.update(stored=None, last_error="")


def cancel(deliveries: QuerySet[Delivery]) -> None:
    """Stop those of the deliveries that have not left yet."""
    deliveries.filter(state__in=UNSENT).update(state=Delivery.State.CANCELLED)


def disown(contact: Contact) -> None:
    """Stop everything for an address whose owner says that somebody else typed it."""
    with transaction.atomic():
        cancel(Delivery.objects.filter(recipient=contact))
        Subscription.objects.filter(contact=contact, ended_at=None).update(ended_at=timezone.now())
