"""Moderators' claims on waiting posts.

A claim locks nothing; it spares two moderators the same work. posts.transitions prevents conflicting decisions.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from forum.models import Claim, Post
from forum.states import State

if TYPE_CHECKING:
    from accounts.models import User


def claim_post(post: Post, moderator: "User") -> Claim | None:
    """Claim a waiting post for CLAIM_MINUTES, or renew one's own claim. Return the claim in force, perhaps another's.

    A running claim is never taken over. Return None when the post no longer waits.
    """
    now = timezone.now()
    until = now + timedelta(minutes=settings.CLAIM_MINUTES)
    if not Post.objects.filter(pk=post.pk, state=State.PENDING).exists():
        return None
    free = Claim.objects.filter(Q(moderator=moderator) | Q(until__lte=now), post=post)
    if not free.update(moderator=moderator, until=until):
        Claim.objects.bulk_create([Claim(post=post, moderator=moderator, until=until)], ignore_conflicts=True)
    return Claim.objects.filter(post=post).select_related("moderator").first()


def release(post: Post, moderator: "User") -> None:
    Claim.objects.filter(post=post, moderator=moderator).delete()


def by_another(post: Post, moderator: "User") -> Claim | None:
    """Return another moderator's running claim; fetch the post with cards.with_everything."""
    claim: Claim | None = getattr(post, "claim", None)
    if claim is None or claim.moderator_id == moderator.pk or claim.until <= timezone.now():
        return None
    return claim
