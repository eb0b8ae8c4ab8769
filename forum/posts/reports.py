"""What readers do about others' posts: report them. One for each reader and post; enough of them hide it."""

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
from forum.states import Move

if TYPE_CHECKING:
    pass

# A post that a moderator has looked at and left is hidden again only by twice as many new reports, for so long.
REVIEWED_FOR = timedelta(days=90)


class Gone(Exception):
    """The post is not public any more."""


@dataclass(frozen=True)
class Filing:
    """What became of sending a report; `is_new` is False when the reader had reported the post before."""

    report: Report
    is_new: bool


def file(post: Post, reader: Reader, *, reason: str, note: str, form_key: str) -> Filing:
    """Store the report, once for each reader, and hide the post when enough readers agree. Raises Gone.

    The post's row is locked meanwhile, so that two reports at once see each other.
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
            transitions.move(locked, Move.HIDE, actor=None, version=locked.version)
    return Filing(report, is_new=True)


def earlier(post: Post, reader: Reader) -> Report | None:
    """Return the reader's report on the post, if there is one."""
    return Report.objects.filter(post=post, reporter_key=reader.key).first()


def sent_before(public_id: str, form_key: str) -> Report | None:
    """Return what this copy of the form was sent as: a double click is answered even if it hid the post."""
    return Report.objects.filter(token=token_of(public_id, form_key)).first()


def token_of(public_id: str, form_key: str) -> str:
    """Return the token of the private page that one copy of the form leads to; 192 bits."""
    return keyed("token", f"{public_id}:{form_key}")[:48]


def is_muted(reader: Reader) -> bool:
    """True while the reader's reports do not count."""
    who = Q(user=reader.user) if reader.user else Q(reporter_key=reader.key)
    return Sanction.objects.in_force().filter(who, kind=Sanction.Kind.MUTE).exists()


def should_hide(post: Post) -> bool:
    """True when enough different readers have reported the post since a moderator last looked at it.

    An answered report never counts again. For REVIEWED_FOR after a moderator left the post as it was it takes twice as
    many.
    """
    count = post.reports.filter(outcome=Report.Outcome.OPEN, is_counted=True).count()
    needed = settings.REPORTS_TO_HIDE
    if count < needed:
        return False
    since = timezone.now() - REVIEWED_FOR
    left = post.reports.filter(outcome=Report.Outcome.KEPT, decided_at__gte=since).exists()
    return count >= (2 * needed if left else needed)
