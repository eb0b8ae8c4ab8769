"""Forgetting what is no longer needed: guests' addresses, unfinished sign-ups, old sessions, the texts of what was
never to be published (DESIGN 4, promise 7)."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Contact, DataLink, Erasure, User
from accounts.models.contacts import ContactQuerySet
from forum.models import Delivery, InboundMail, Post, ReplyAddress, Subscription
from forum.notifications.delivery.claim import DUE_STATES
from forum.posts.purge import purge
from forum.states import FINAL, UNDECIDED, State

# The address is still needed.
OPEN = (*DUE_STATES, Delivery.State.PARKED, Delivery.State.GATHERED)
# Purged in one transaction, and of each state in one round: the rest is for the next hour.
PURGE_BATCH = 200
PURGE_MOST = 2_000


def drop_stale_parked() -> None:
    """Cancel what waited for a confirmation that never came."""
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    parked = Delivery.objects.filter(state=Delivery.State.PARKED, created_at__lt=old)
    parked.update(state=Delivery.State.CANCELLED, last_error="The address was never confirmed.")


def end_spent_follows() -> None:
    """End guests' subscriptions to questions that are gone for good, and those that have lasted long enough."""
    follows = Subscription.objects.active().filter(kind=Subscription.Kind.THREAD, contact__user=None)
    follows.filter(_spent()).update(ended_at=timezone.now())


def _spent() -> Q:
    """Return the condition for what will bring no more news, or has done so for long enough."""
    now = timezone.now()
    # A few days later, so that the mail that tells of the decision is not stopped by this.
    gone = Q(post__state__in=FINAL, post__changed_at__lt=now - timedelta(days=3))
    return gone | Q(created_at__lt=now - timedelta(days=settings.GUEST_FOLLOW_DAYS))


def no_longer_needed() -> ContactQuerySet:
    """Return guests' contacts whose address serves nothing any more.

    Never confirmed in time; or no mail is on its way, no post of theirs waits or came back, and they follow nothing.
    """
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    guests = Contact.objects.filter(user=None).exclude(address="")
    guests = guests.exclude(Exists(_open_erasures())).exclude(Exists(_working_links()))
    unsent = Delivery.objects.filter(recipient=OuterRef("pk"), state__in=OPEN)
    open_posts = Post.objects.filter(contact=OuterRef("pk"), state__in=UNDECIDED)
    # Whoever stopped a mail by mistake can take it up again for a day.
    stopped_today = Q(ended_at__gt=timezone.now() - timedelta(days=1)) & ~_spent()
    threads = Subscription.objects.filter(contact=OuterRef("pk"), kind=Subscription.Kind.THREAD)
    follows = threads.filter(stopped_today | Q(ended_at=None))
    never_confirmed = guests.filter(confirmed_at=None, created_at__lt=old)
    confirmed = guests.exclude(confirmed_at=None)
    done = confirmed.exclude(Exists(unsent)).exclude(Exists(open_posts)).exclude(Exists(follows))
    return never_confirmed | done


def _open_erasures() -> QuerySet[Erasure]:
    """Return the erasures to come that find a contact's posts by its key: until then the key is needed."""
    return Erasure.objects.filter(address_key=OuterRef("address_key"), cancelled_at=None, done_at=None)


def _working_links() -> QuerySet[DataLink]:
    return DataLink.objects.filter(address_key=OuterRef("address_key"), expires_at__gt=timezone.now())


def forget_addresses() -> int:
    """Forget the addresses that serve nothing any more; return how many."""
    return no_longer_needed().forget()


def forget_unfinished_sign_ups() -> None:
    """Delete accounts whose address nobody has ever confirmed, with the address; they could not sign in or write."""
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    waiting = User.objects.filter(date_joined__lt=old, last_login=None, posts=None, emailaddress__isnull=False)
    waiting.exclude(emailaddress__verified=True).delete()


def drop_old_links() -> None:
    """Delete links to guests' own data that have ended; those of the last day still count against the limit."""
    DataLink.objects.filter(expires_at__lt=timezone.now(), created_at__lt=timezone.now() - timedelta(days=1)).delete()


def drop_old_answers() -> None:
    """Delete where answers went that came too late for long, and what became of mails that nobody sends again.

    Somebody who answers within a month after the end is still told that it was too late.
    """
    month_ago = timezone.now() - timedelta(days=30)
    ReplyAddress.objects.filter(expires_at__lt=month_ago).delete()
    InboundMail.objects.filter(received_at__lt=month_ago - timedelta(days=60)).delete()


def purge_texts() -> int:
    """Delete the texts of posts that were rejected, marked as spam or withdrawn long enough ago; return how many.

    Where the post stands, and the log's lines, stay; the rules that held it are still named, for the statistics.
    """
    return sum(_purge_state(state) for state in (State.REJECTED, State.SPAM, State.WITHDRAWN))


def _purge_state(state: State) -> int:
    """Purge what is in one state: each has an index of its own."""
    purged = 0
    while purged < PURGE_MOST:
        oldest = _to_purge(state).order_by("changed_at")
        batch = list(oldest.values_list("pk", flat=True)[:PURGE_BATCH])
        purged += purge(_to_purge(state).filter(pk__in=batch))
        if len(batch) < PURGE_BATCH:
            break
    return purged


def _to_purge(state: State) -> QuerySet[Post]:
    old = timezone.now() - timedelta(days=settings.REJECTED_TEXT_DAYS)
    return Post.objects.filter(state=state, changed_at__lt=old, purged_at=None)
