"""“Helpful” marks: one for each reader and reply, counted on the reply."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from forum.models import Helped, Post
from forum.posts.access import Reader
from forum.posts.report_outcomes import FORGOTTEN, KEYS_KEPT, forgotten_key
from forum.posts.reports import is_muted


def mark_helpful(reply: Post, reader: Reader) -> None:
    if is_muted(reader):
        return
    with transaction.atomic():
        # get_or_create, so that two concurrent requests count once.
        _row, is_new = Helped.objects.get_or_create(post=reply, reader_key=reader.key, defaults={"user": reader.user})
        _add(reply, int(is_new))


def unmark_helpful(reply: Post, reader: Reader) -> None:
    with transaction.atomic():
        gone, _tables = Helped.objects.filter(post=reply, reader_key=reader.key).delete()
        _add(reply, -gone)


def marked_by(reader: Reader, replies: Iterable[Post]) -> set[int]:
    # 0 is no id, but keeps the query, so that a page has the same number of queries with and without replies.
    said = Helped.objects.filter(reader_key=reader.key, post__in=[reply.pk for reply in replies] or [0])
    return set(said.values_list("post_id", flat=True))


def forget_old_keys() -> int:
    """Delete guests' network keys after KEYS_KEPT, without their marks; return the number of changed rows."""
    old = Helped.objects.filter(user=None, created_at__lt=timezone.now() - KEYS_KEPT)
    return old.exclude(reader_key__startswith=FORGOTTEN).update(reader_key=forgotten_key())


def _add(reply: Post, number: int) -> None:
    if number:
        changes = {"helped_count": F("helped_count") + number, "changed_at": timezone.now()}
        Post.objects.filter(pk=reply.pk).update(**changes)
