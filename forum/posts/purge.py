"""Deleting what posts say, while the rows and the log's lines stay: after a set time, or because a person is erased."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from forum.models import AnswerDraft, Hold, Note, Post, Report, Revision

DELETED_TITLE = "(deleted text)"


def purge(posts: QuerySet[Post]) -> int:
    """Delete everything that these posts say; return how many there were.

    `posts` is the condition that they meet at this moment: a decision made meanwhile keeps its post as it is. The
    rules that held a post are still named, for the statistics.
    """
    now = timezone.now()
    with transaction.atomic():
        ids = list(posts.values_list("pk", flat=True))
        count = posts.filter(purged_at=None).update(**_without_words(now))
        purged = Post.objects.filter(pk__in=ids, purged_at=now)
        Revision.objects.filter(post__in=purged).delete()
        Note.objects.filter(post__in=purged).delete()
        Hold.objects.filter(post__in=purged).update(sentence="", start=None, end=None)
        # What readers wrote in their reports may quote it, and so may an answer that can never be sent.
        Report.objects.filter(post__in=purged).update(note="")
        AnswerDraft.objects.filter(question__in=purged).delete()
    return count


def _without_words(now: datetime) -> dict[str, Any]:
    return {"source": "", "html": "", "title": DELETED_TITLE, "digest": "", "fingerprint": None, "purged_at": now}
