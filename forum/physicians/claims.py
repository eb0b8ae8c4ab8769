"""“I’m answering this”: one physician says so, the others see it, and it lapses by itself. It forbids nothing."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from forum.models import DeskQuestion, Post
from forum.states import State


def claim_question(question: Post, physician: User) -> bool:
    """Claim the question for DESK_CLAIM_HOURS, or prolong the claim; False when it is somebody else's, or not open.

    One conditional UPDATE: of two at once, one wins.
    """
    now = timezone.now()
    free = Q(claimed_by=None) | Q(claimed_until__lte=now) | Q(claimed_by=physician)
    rows = DeskQuestion.objects.filter(free, question=question, state__in=DeskQuestion.OPEN)
    rows = rows.filter(question__in=Post.objects.filter(pk=question.pk, state=State.PUBLISHED))
    until = now + timedelta(hours=settings.DESK_CLAIM_HOURS)
    return bool(rows.update(claimed_by=physician, claimed_until=until))


def release(question: Post, physician: User) -> bool:
    """Let others answer it; False when it was not this physician's claim."""
    rows = DeskQuestion.objects.filter(question=question, claimed_by=physician)
    return bool(rows.update(claimed_by=None, claimed_until=None))
