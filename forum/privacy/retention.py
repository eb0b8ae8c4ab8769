"""Retention: deleting what is no longer needed (DESIGN 4, promise 7).

Guests' addresses, unfinished sign-ups, expired links, and the texts of posts that were never published.
"""

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

# States of deliveries that still need the address.
OPEN = (*DUE_STATES, Delivery.State.PARKED, Delivery.State.GATHERED)
# Posts purged in one transaction, and of one state in one round; the rest are purged an hour later.
PURGE_BATCH_SIZE = 200
PURGE_LIMIT = 2_000


def drop_stale_parked() -> None:
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    parked = Delivery.objects.filter(state=Delivery.State.PARKED, created_at__lt=old)
    parked.update(state=Delivery.State.CANCELLED, last_error="The address was never confirmed.")


def end_spent_follows() -> None:
    follows = Subscription.objects.active().filter(kind=Subscription.Kind.THREAD, contact__user=None)
    follows.filter(_spent()).update(ended_at=timezone.now())


def _spent() -> Q:
    now = timezone.now()
    # Three days later, because ending the subscription would also cancel the mail about the decision.
    gone = Q(post__state__in=FINAL, post__changed_at__lt=now - timedelta(days=3))
    return gone | Q(created_at__lt=now - timedelta(days=settings.GUEST_FOLLOW_DAYS))


def no_longer_needed() -> ContactQuerySet:
    """A contact is returned if its address was not confirmed in time.

    It is also returned if no mail is unsent, no post is undecided, and no subscription is active.
    """
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    guests = Contact.objects.filter(user=None).exclude(address="")
    guests = guests.exclude(Exists(_open_erasures())).exclude(Exists(_working_links()))
    unsent = Delivery.objects.filter(recipient=OuterRef("pk"), state__in=OPEN)
    open_posts = Post.objects.filter(contact=OuterRef("pk"), state__in=UNDECIDED)
    # A subscription that was ended by mistake can be resumed for a day, which needs the address.
    stopped_today = Q(ended_at__gt=timezone.now() - timedelta(days=1)) & ~_spent()
    threads = Subscription.objects.filter(contact=OuterRef("pk"), kind=Subscription.Kind.THREAD)
    follows = threads.filter(stopped_today | Q(ended_at=None))
    never_confirmed = guests.filter(confirmed_at=None, created_at__lt=old)
    confirmed = guests.exclude(confirmed_at=None)
    done = confirmed.exclude(Exists(unsent)).exclude(Exists(open_posts)).exclude(Exists(follows))
    return never_confirmed | done


def _open_erasures() -> QuerySet[Erasure]:
    """They find the posts by the key of the contact's address, which must be kept."""
    return Erasure.objects.filter(address_key=OuterRef("address_key"), cancelled_at=None, done_at=None)


def _working_links() -> QuerySet[DataLink]:
    return DataLink.objects.filter(address_key=OuterRef("address_key"), expires_at__gt=timezone.now())


def forget_addresses() -> int:
    return no_longer_needed().forget()


def forget_unfinished_sign_ups() -> None:
    old = timezone.now() - timedelta(days=settings.UNCONFIRMED_DAYS)
    waiting = User.objects.filter(date_joined__lt=old, last_login=None, posts=None, emailaddress__isnull=False)
    waiting.exclude(emailaddress__verified=True).delete()


def drop_old_links() -> None:
    """Keep those of the last day, which still count against the daily limit."""
    DataLink.objects.filter(expires_at__lt=timezone.now(), created_at__lt=timezone.now() - timedelta(days=1)).delete()


def drop_old_answers() -> None:
    """Delete reply addresses a month after they expired, and records of inbound mail after three months.

    In that month a late reply is still answered. After three months no server repeats a mail.
    """
    month_ago = timezone.now() - timedelta(days=30)
    ReplyAddress.objects.filter(expires_at__lt=month_ago).delete()
    InboundMail.objects.filter(received_at__lt=month_ago - timedelta(days=60)).delete()


def purge_texts() -> int:
    """Return the number of posts; state, log and rule names stay for the statistics."""
    return sum(_purge_state(state) for state in (State.REJECTED, State.SPAM, State.WITHDRAWN))


def _purge_state(state: State) -> int:
    # One state at a time: each has its own index.
    purged = 0
    while purged < PURGE_LIMIT:
        oldest = _to_purge(state).order_by("changed_at")
        batch = list(oldest.values_list("pk", flat=True)[:PURGE_BATCH_SIZE])
        purged += purge(_to_purge(state).filter(pk__in=batch))
        if len(batch) < PURGE_BATCH_SIZE:
            break
    return purged


def _to_purge(state: State) -> QuerySet[Post]:
    old = timezone.now() - timedelta(days=settings.REJECTED_TEXT_DAYS)
    return Post.objects.filter(state=state, changed_at__lt=old, purged_at=None)
