"""Claiming of guest posts by members.

A member can claim only posts from an address that both have confirmed: the guest by the button in the mail, the member
through allauth.
"""

import logging
from collections.abc import Iterable

from django.db import transaction

from accounts.models import Contact, Erasure, User
from accounts.models.contacts import keys_of
from forum.models import Delivery, Post, Subscription
from forum.models.posts import PostQuerySet
from forum.notifications import outbox, subscriptions
from forum.posts import question_status

log = logging.getLogger(__name__)


def claimable(user: User) -> PostQuerySet:
    """Exclude unconfirmed addresses, which anybody may have typed by mistake, and posts about to be erased."""
    going = Erasure.objects.filter(cancelled_at=None, done_at=None).exclude(address_key="")
    guests = Contact.objects.filter(user=None, address_key__in=keys_of(user)).exclude(confirmed_at=None)
    guests = guests.exclude(address_key__in=going.values("address_key"))
    return Post.objects.filter(author=None, contact__in=guests, purged_at=None).order_by("created_at", "id")


def claim(user: User, public_ids: Iterable[str]) -> int:
    """Return how many posts were not the member's before; the name under a post is kept."""
    with transaction.atomic():
        mine = Contact.objects.for_user(user)
        claimed, threads = 0, set[int]()
        for post in claimable(user).filter(public_id__in=list(public_ids)).select_related("contact"):
            # Conditional UPDATE: after a concurrent claim, such as a double click, it changes nothing.
            free = Post.objects.filter(pk=post.pk, author=None, contact=post.contact)
            if post.contact is not None and free.update(author=user, contact=mine):
                _hand_over(post.contact, mine)
                threads.add(post.question_id or post.pk)
                claimed += 1
        # The asker has changed, and only replies by the asker count as follow-up questions.
        for thread in Post.objects.filter(pk__in=threads).order_by("pk"):
            question_status.update(thread)
    log.info("posts_claimed", extra={"count": claimed})
    return claimed


def disown(user: User, public_ids: Iterable[str]) -> int:
    """Delete the addresses behind posts that the member did not write; return the number of addresses."""
    with transaction.atomic():
        posts = claimable(user).filter(public_id__in=list(public_ids)).select_related("contact")
        contacts = [post.contact for post in posts if post.contact is not None]
        for contact in contacts:
            subscriptions.disown(contact)
        forgotten = Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).forget()
    log.info("posts_disowned", extra={"count": forgotten})
    return forgotten


def _hand_over(guest: Contact, member: Contact) -> None:
    # The member's choice of lists applies, not the guest's.
    Subscription.objects.filter(contact=guest, post=None).delete()
    followed = Subscription.objects.filter(contact=guest)
    followed.filter(post__in=Subscription.objects.filter(contact=member).exclude(post=None).values("post")).delete()
    followed.update(contact=member)
    mail = Delivery.objects.filter(recipient=guest)
    twice = mail.filter(event__in=Delivery.objects.filter(recipient=member).values("event"))
    outbox.cancel(twice)
    mail.exclude(pk__in=twice.values("pk")).update(recipient=member)
    # Answers by mail share the contact of the question: delete the address when no post has it any more.
    Contact.objects.filter(pk=guest.pk, posts=None).forget()
