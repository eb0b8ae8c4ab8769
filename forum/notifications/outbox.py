"""What is owed: rows written in the transaction of the change they announce (DESIGN 4, promise 2), and taken back.

`owe` writes one row and, after the commit, asks the worker to send it. Who is owed what: announcing.py.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Contact
from articles.models import Article
from forum.models import Delivery, LogEntry, Post, Subscription, Topic
from forum.notifications import events, mails, publish
from forum.states import DECISIONS

State = Delivery.State
UNDO_MARGIN = timedelta(seconds=15)
UNSENT = (State.OWED, State.PARKED, State.RETRYING, State.GATHERED)
# Their text is stored with them, and forgotten when they end.
FORGOTTEN = frozenset({Delivery.Kind.ACCOUNT, Delivery.Kind.REFUSED})
MONDAY = 0
# One change asks the worker for at most so many mails; the sweep finds the others.
AT_ONCE = 100


def owe(kind: Delivery.Kind, event: str, recipient: Contact, **fields: Any) -> None:
    """Write that `recipient` is owed a mail about `event`; a second call for the same pair changes nothing.

    A guest who has not confirmed the address is owed it too, but it stays parked until then.
    `fields` may hold what the mail is about, subscription, stored and next_attempt_at. News for followers takes its
    bundle, and for a summary its time, from the subscription.
    """
    if kind in events.TO_FOLLOWERS and fields.get("subscription"):
        fields |= bundled(fields["subscription"], fields.get("next_attempt_at") or timezone.now())
    waits = not recipient.is_confirmed and kind not in mails.TO_ANYBODY
    state = State.PARKED if waits else State.OWED
    delivery = Delivery(kind=kind, event=event, recipient=recipient, state=state, **fields)
    with transaction.atomic():
        Delivery.objects.bulk_create([delivery], ignore_conflicts=True)
        if state == State.OWED and delivery.next_attempt_at <= timezone.now():
            key = delivery.message_key
            transaction.on_commit(lambda: publish.send_soon(Delivery.objects.filter(message_key=key)), robust=True)


def bundled(subscription: Subscription, due: datetime) -> dict[str, Any]:
    """Return with what, and when, news for a follower leaves that is due then: with its thread, or with a summary."""
    if subscription.pace == Subscription.Pace.AT_ONCE:
        return {"bundle": f"thread:{subscription.pk}", "next_attempt_at": due}
    return {"bundle": Delivery.DIGEST, "next_attempt_at": next_digest(Subscription.Pace(subscription.pace), due)}


def next_digest(pace: Subscription.Pace, after: datetime) -> datetime:
    """Return when the first summary leaves that tells what is due then: at DIGEST_HOUR, UTC; on Mondays when weekly."""
    if pace == Subscription.Pace.AT_ONCE:
        return after
    day = after.astimezone(UTC).replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    while day <= after or (pace == Subscription.Pace.WEEKLY and day.weekday() != MONDAY):
        day += timedelta(days=1)
    return day


def settled_at(entry: LogEntry) -> datetime:
    """Return when the entry's mails may leave: at once, or when a moderator's decision can no longer be undone."""
    if entry.actor_id is None or entry.move not in DECISIONS or not settings.UNDO_SECONDS:
        return entry.created_at
    # A little longer than the window itself, so that an undo in its last moment still stops the mail.
    return entry.created_at + timedelta(seconds=settings.UNDO_SECONDS) + UNDO_MARGIN


def take_back(entry: LogEntry) -> None:
    """Stop the mails of a decision that is undone."""
    unsent = Delivery.objects.filter(entry=entry, state__in=UNSENT)
    unsent.update(state=State.CANCELLED, last_error="The decision was undone.")


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
    about.update(state=State.CANCELLED)


def confirm(contact: Contact) -> None:
    """Record that the owner of the address has pressed the button, and let go what was parked for it."""
    with transaction.atomic():
        same = Contact.objects.filter(user=None, address_key=contact.address_key, confirmed_at__isnull=False)
        # Before anything leaves: a mailbox that other people see is the same as the last time.
        links_only = bool(contact.address_key) and same.filter(links_only=True).exists()
        new = Contact.objects.filter(pk=contact.pk, confirmed_at=None)
        new.update(confirmed_at=timezone.now(), links_only=links_only)
        release([contact.pk])


def release(contact_ids: list[int]) -> None:
    """Owe what was parked for these contacts, now that their addresses are confirmed."""
    parked = Delivery.objects.filter(recipient__in=contact_ids, state=State.PARKED)
    keys = list(parked.values_list("message_key", flat=True))
    # Not earlier than it was due: a decision may still be undone.
    parked.update(state=State.OWED)
    due = Delivery.objects.filter(message_key__in=keys, next_attempt_at__lte=timezone.now())
    transaction.on_commit(lambda: publish.send_soon(due), robust=True)


def follow(
    contact: Contact,
    kind: Subscription.Kind,
    post: Post | None = None,
    *,
    article: Article | None = None,
    topic: Topic | None = None,
) -> Subscription:
    """Return the person's subscription, made if there is none yet; an ended one stays ended.

    What is followed begins at the pace that the person has chosen for all of it.
    """
    followed = {"post": post, "article": article, "topic": topic}
    begins = {"pace": lambda: pace_of(contact)} if any(followed.values()) else {}
    return Subscription.objects.get_or_create(contact=contact, kind=kind, **followed, defaults=begins)[0]


def pace_of(contact: Contact) -> Subscription.Pace:
    """Return how soon word leaves of what the person follows from now on: it stands with their list of summaries."""
    summaries = Subscription.objects.filter(contact=contact, kind=Subscription.Kind.DIGEST)
    return Subscription.Pace(summaries.values_list("pace", flat=True).first() or Subscription.Pace.AT_ONCE)


def readers_of(kind: Subscription.Kind, contacts: list[Contact]) -> list[Subscription]:
    """Return who of these people gets the list: everybody who has not ended it. As many queries for one as for all."""
    missing = [Subscription(contact=contact, kind=kind) for contact in contacts]
    of_list = Subscription.objects.filter(kind=kind, post=None, contact__in=contacts)
    known = set(of_list.values_list("contact_id", flat=True))
    Subscription.objects.bulk_create(
        [subscription for subscription in missing if subscription.contact_id not in known], ignore_conflicts=True
    )
    return list(of_list.active().select_related("contact__user").order_by("pk"))


def has_stopped(contact: Contact, kind: Subscription.Kind) -> bool:
    """True when the person wants no mail of this list; who has said nothing wants it."""
    return Subscription.objects.filter(contact=contact, kind=kind, post=None, ended_at__isnull=False).exists()


def end(subscription: Subscription) -> None:
    """Stop one subscription and what is still owed because of it."""
    end_all(Subscription.objects.filter(pk=subscription.pk))


def end_all(subscriptions: QuerySet[Subscription], when: datetime | None = None) -> None:
    """Stop all of them, and what is still owed because of them, at one moment: it names what ended together."""
    with transaction.atomic():
        ending = list(subscriptions.values_list("pk", flat=True))
        Subscription.objects.filter(pk__in=ending, ended_at=None).update(ended_at=when or timezone.now())
        cancel(Delivery.objects.filter(subscription__in=ending))
        of_summaries = Subscription.objects.filter(pk__in=ending, kind=Subscription.Kind.DIGEST)
        cancel(Delivery.objects.filter(recipient__in=of_summaries.values("contact"), bundle=Delivery.DIGEST))


def resume(subscription: Subscription) -> None:
    """Follow again after having stopped."""
    Subscription.objects.filter(pk=subscription.pk).update(ended_at=None)


def forget(contact_ids: list[int]) -> None:
    """Stop everything for people who are erased, also what is being sent, and keep of each mail only that it was owed.

    One that was handed to the mail server in this moment arrives; its worker then finds the row closed.
    """
    mail = Delivery.objects.filter(recipient__in=contact_ids)
    mail.filter(state__in=(*UNSENT, State.SENDING)).update(state=State.CANCELLED)
    mail.update(stored=None, last_error="")


def came_back(delivery: Delivery, status: str) -> None:
    """Show the operator that a mail which had left never arrived."""
    sent = Delivery.objects.filter(Q(pk=delivery.pk) | Q(gathered_into=delivery.pk), state=Delivery.State.SENT)
    sent.update(state=Delivery.State.FAILED, last_error=f"Came back: {status}"[:200])


def cancel(deliveries: QuerySet[Delivery]) -> None:
    """Stop those of the deliveries that have not left yet."""
    deliveries.filter(state__in=UNSENT).update(state=State.CANCELLED)


def send_again(delivery: Delivery) -> bool:
    """Owe once more what was given up or suppressed, with all it told; False when it was not, or its text is gone.

    It counts as tried: under its old Message-ID nothing new is gathered into it.
    """
    if delivery.kind in FORGOTTEN:
        return False
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=(State.FAILED, State.SUPPRESSED))
    now = timezone.now()
    with transaction.atomic():
        owed = {"state": State.OWED, "attempts": 1, "next_attempt_at": now, "failing_since": None}
        if not ended.update(**owed):
            return False
        told = Delivery.objects.filter(gathered_into=delivery, state__in=(State.FAILED, State.SUPPRESSED))
        told.update(state=State.GATHERED)
        _send_soon(delivery)
    return True


def hurry(delivery: Delivery) -> bool:
    """Try a mail now that pauses after a failure, or since mail to the address came back; False when it does not pause.

    One that waits for anything else, as for the end of the time to undo, is left alone.
    """
    now = timezone.now()
    with transaction.atomic():
        pausing = Delivery.objects.filter(pk=delivery.pk, next_attempt_at__gt=now)
        paused = pausing.filter(state=State.OWED, last_error__startswith=Delivery.PAUSED)
        # It counts as tried: by that delivery.py knows that somebody has asked for it.
        done = pausing.filter(state=State.RETRYING).update(next_attempt_at=now)
        if not done and not paused.update(next_attempt_at=now, attempts=1):
            return False
        _send_soon(delivery)
    return True


def _send_soon(delivery: Delivery) -> None:
    pk = delivery.pk
    transaction.on_commit(lambda: publish.send_soon(Delivery.objects.filter(pk=pk)), robust=True)


def call_off(delivery: Delivery, why: str) -> bool:
    """Stop a mail, with all that it tells, or set aside one that was given up; False when it has left or is leaving."""
    stoppable = (*UNSENT, State.FAILED, State.SUPPRESSED)
    with transaction.atomic():
        row = Delivery.objects.filter(pk=delivery.pk, state__in=stoppable)
        if not row.update(state=State.CANCELLED, last_error=why, stored=None):
            return False
        told = Delivery.objects.filter(gathered_into=delivery, state__in=stoppable)
        told.update(state=State.CANCELLED, last_error=why, stored=None)
    return True


def disown(contact: Contact) -> None:
    """Stop everything for an address whose owner says that somebody else typed it."""
    with transaction.atomic():
        cancel(Delivery.objects.filter(recipient=contact))
        Subscription.objects.filter(contact=contact, ended_at=None).update(ended_at=timezone.now())
