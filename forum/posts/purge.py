"""Purging of posts: deletion of all text after a set time or for an erased person; rows and log entries are kept."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from forum.models import AnswerDraft, Hold, Note, Post, Report, Revision

DELETED_TITLE = "(deleted text)"


def purge(posts: QuerySet[Post]) -> int:
    """Return the number of posts; a post that was decided on in the meantime is kept.

    The rules that held a post stay stored without their sentences, for the statistics.
    """
    now = timezone.now()
    with transaction.atomic():
        ids = list(posts.values_list("pk", flat=True))
        count = posts.filter(purged_at=None).update(**_without_words(now))
        purged = Post.objects.filter(pk__in=ids, purged_at=now)
        Revision.objects.filter(post__in=purged).delete()
        Note.objects.filter(post__in=purged).delete()
        Hold.objects.filter(post__in=purged).update(sentence="", start=None, end=None)
        # Notes in reports, and drafts of answers that cannot be sent any more, may quote the text.
        Report.objects.filter(post__in=purged).update(note="")
        AnswerDraft.objects.filter(question__in=purged).delete()
    return count


def _without_words(now: datetime) -> dict[str, Any]:
    return {"source": "", "html": "", "title": DELETED_TITLE, "digest": "", "fingerprint": None, "purged_at": now}
