"""Physicians' claims on questions (“I’m answering this”). A claim is shown to the others, locks nothing and expires."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from forum.models import DeskQuestion, Post
from forum.states import State


def claim_question(question: Post, physician: User) -> bool:
    """Claim the question, or extend the claim; False if another has claimed it or it is not open.

    One conditional UPDATE, so only one of two concurrent claims succeeds.
    """
    now = timezone.now()
    free = Q(claimed_by=None) | Q(claimed_until__lte=now) | Q(claimed_by=physician)
    rows = DeskQuestion.objects.filter(free, question=question, state__in=DeskQuestion.OPEN)
    rows = rows.filter(question__in=Post.objects.filter(pk=question.pk, state=State.PUBLISHED))
    until = now + timedelta(hours=settings.DESK_CLAIM_HOURS)
    return bool(rows.update(claimed_by=physician, claimed_until=until))


def release(question: Post, physician: User) -> bool:
    rows = DeskQuestion.objects.filter(question=question, claimed_by=physician)
    return bool(rows.update(claimed_by=None, claimed_until=None))
