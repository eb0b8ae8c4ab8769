"""What somebody wrote as a guest becomes theirs as a member: only what came from an address that both have shown to be
theirs, the guest by the button in the mail and the member by allauth."""

import logging
from collections.abc import Iterable

from django.db import transaction

from accounts import addresses
from accounts.models import Contact, Erasure, User
from forum.models import Delivery, Post, Subscription
from forum.models.posts import PostQuerySet
from forum.notifications import outbox, subscriptions
from forum.posts import question_status

log = logging.getLogger(__name__)


def claimable(user: User) -> PostQuerySet:
    """Return the guests' posts that the member can take over, oldest first.

    Not those whose address nobody has confirmed: anybody may have typed it, perhaps by mistake for their own. Nor those
    that are about to be erased.
    """
    going = Erasure.objects.filter(cancelled_at=None, done_at=None).exclude(address_key="")
    guests = Contact.objects.filter(user=None, address_key__in=addresses.keys_of(user)).exclude(confirmed_at=None)
    guests = guests.exclude(address_key__in=going.values("address_key"))
    return Post.objects.filter(author=None, contact__in=guests, purged_at=None).order_by("created_at", "id")


def claim(user: User, public_ids: Iterable[str]) -> int:
    """Make these posts the member's own; return how many were not theirs yet. One transaction for all of them.

    The name under a post stays as it was written; mail about it goes to the member from now on.
    """
    with transaction.atomic():
        mine = Contact.objects.for_user(user)
        claimed, threads = 0, set[int]()
        for post in claimable(user).filter(public_id__in=list(public_ids)).select_related("contact"):
            # On the condition that nobody was faster: the second half of a double click changes nothing.
            free = Post.objects.filter(pk=post.pk, author=None, contact=post.contact)
            if post.contact is not None and free.update(author=user, contact=mine):
                _hand_over(post.contact, mine)
                threads.add(post.question_id or post.pk)
                claimed += 1
        # The asker has changed, and with it whose replies ask again.
        for thread in Post.objects.filter(pk__in=threads).order_by("pk"):
            question_status.update(thread)
    log.info("posts_claimed", extra={"count": claimed})
    return claimed


def let_go(user: User, public_ids: Iterable[str]) -> int:
    """Forget the address behind posts of which the member says that somebody else wrote them; return how many."""
    with transaction.atomic():
        posts = claimable(user).filter(public_id__in=list(public_ids)).select_related("contact")
        contacts = [post.contact for post in posts if post.contact is not None]
        for contact in contacts:
            subscriptions.disown(contact)
        forgotten = Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).forget()
    log.info("posts_let_go", extra={"count": forgotten})
    return forgotten


def _hand_over(guest: Contact, member: Contact) -> None:
    """Move what the guest follows and is owed, unless the member has the same already; forget the guest's address."""
    # The member's own choice of lists holds, not the guest's.
    Subscription.objects.filter(contact=guest, post=None).delete()
    followed = Subscription.objects.filter(contact=guest)
    followed.filter(post__in=Subscription.objects.filter(contact=member).exclude(post=None).values("post")).delete()
    followed.update(contact=member)
    mail = Delivery.objects.filter(recipient=guest)
    twice = mail.filter(event__in=Delivery.objects.filter(recipient=member).values("event"))
    outbox.cancel(twice)
    mail.exclude(pk__in=twice.values("pk")).update(recipient=member)
    # An answer by mail has the contact of the question: the address goes with the last of them.
    Contact.objects.filter(pk=guest.pk, posts=None).forget()
