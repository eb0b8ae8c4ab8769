"""Reports of posts by readers: one for each reader and post; enough of them hide it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from forum.models import Post, Report, Sanction
from forum.posts import transitions
from forum.posts.access import Reader, keyed
from forum.posts.transitions import Transition
from forum.states import Move

if TYPE_CHECKING:
    pass

# For so long after a moderator left a post as it was, it takes twice as many new reports to hide it.
REVIEWED_FOR = timedelta(days=90)


class Gone(Exception):
    """The post is not public any more."""


@dataclass(frozen=True)
class Filing:
    """`is_new` is False if the reader had reported the post before."""

    report: Report
    is_new: bool


def file(post: Post, reader: Reader, *, reason: str, note: str, form_key: str) -> Filing:
    """Store one report for each reader, and hide the post when enough readers agree. Raises Gone.

    The post's row is locked, so that two concurrent reports see each other.
    """
    with transaction.atomic():
        locked = Post.objects.public().select_for_update(of=("self",)).filter(pk=post.pk).first()
        if locked is None:
            raise Gone
        known = earlier(locked, reader)
        if known:
            return Filing(known, is_new=False)
        report = Report.objects.create(
            post=locked,
            reporter=reader.user,
            reporter_key=reader.key,
            token=token_of(post.public_id, form_key),
            reason=reason,
            note=note,
            is_counted=not is_muted(reader),
        )
        if should_hide(locked):
            transitions.transition(locked, Transition(Move.HIDE, None), locked.version)
    return Filing(report, is_new=True)


def earlier(post: Post, reader: Reader) -> Report | None:
    return Report.objects.filter(post=post, reporter_key=reader.key).first()


def sent_before(public_id: str, form_key: str) -> Report | None:
    """Find the report by its form: a double click is answered even if the first click hid the post."""
    return Report.objects.filter(token=token_of(public_id, form_key)).first()


def token_of(public_id: str, form_key: str) -> str:
    """Return the token (192 bits) of the private page for one copy of the form."""
    return keyed("token", f"{public_id}:{form_key}")[:48]


def is_muted(reader: Reader) -> bool:
    who = Q(user=reader.user) if reader.user else Q(reporter_key=reader.key)
    return Sanction.objects.in_force().filter(who, kind=Sanction.Kind.MUTE).exists()


def should_hide(post: Post) -> bool:
    """Answered reports never count again.

    For REVIEWED_FOR after a moderator left the post as it was, twice as many reports are needed.
    """
    count = post.reports.filter(outcome=Report.Outcome.OPEN, is_counted=True).count()
    needed = settings.REPORTS_TO_HIDE
    if count < needed:
        return False
    since = timezone.now() - REVIEWED_FOR
    left = post.reports.filter(outcome=Report.Outcome.KEPT, decided_at__gte=since).exists()
    return count >= (2 * needed if left else needed)
