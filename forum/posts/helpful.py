"""“This helped”: one for each reader and reply, counted on the reply."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from forum.models import Helped, Post
from forum.posts.report_outcomes import FORGOTTEN, KEYS_KEPT, forgotten_key
from forum.posts.reports import Reader, is_muted


def say(reply: Post, reader: Reader) -> None:
    """Count that the reply helped the reader; once, and not at all while what they say does not count."""
    if is_muted(reader):
        return
    with transaction.atomic():
        # get_or_create, since of two at once only one may count.
        _row, is_new = Helped.objects.get_or_create(post=reply, reader_key=reader.key, defaults={"user": reader.user})
        _add(reply, int(is_new))


def take_back(reply: Post, reader: Reader) -> None:
    """Count it no more."""
    with transaction.atomic():
        gone, _tables = Helped.objects.filter(post=reply, reader_key=reader.key).delete()
        _add(reply, -gone)


def said_by(reader: Reader, replies: Iterable[Post]) -> set[int]:
    """Return the numbers of those replies that the reader has said helped; one query."""
    # Asked for no reply as well, by a number that none has: a page costs the same with and without replies.
    said = Helped.objects.filter(reader_key=reader.key, post__in=[reply.pk for reply in replies] or [0])
    return set(said.values_list("post_id", flat=True))


def forget_old_keys() -> int:
    """Forget which network a guest's word came from after KEYS_KEPT; what they found helpful still counts.

    Run by the hourly round. Returns how many were changed.
    """
    old = Helped.objects.filter(user=None, created_at__lt=timezone.now() - KEYS_KEPT)
    return old.exclude(reader_key__startswith=FORGOTTEN).update(reader_key=forgotten_key())


def _add(reply: Post, number: int) -> None:
    """Change the count, and with it what pages that show it depend on."""
    if number:
        changes = {"helped_count": F("helped_count") + number, "changed_at": timezone.now()}
        Post.objects.filter(pk=reply.pk).update(**changes)
