"""Erasure of a person (right to erasure). The task forum.erasures runs it every two minutes.

The steps, ordered so that a crash between any two leaves work that the next round finishes:
  1 prepare the new texts of posts that stay, and end the sessions, outside any transaction
  2 in one transaction: write to the ledger (on the disk before the commit), then erase everything
  3 end the sessions again: after step 2 the account can start no new ones
  4 mark the erasure as done, and delete the key by which a guest's rows were found
"""

import logging

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import erasing
from accounts.conflicts import Conflict
from accounts.models import Contact, Erasure, User
from accounts.names import Names
from forum.models import Post
from forum.privacy import erase_posts, erase_traces, ledger
from forum.privacy.subject import Subject

log = logging.getLogger(__name__)

# Cache key, set while SQLite's file still has to be rewritten.
SCRUB_WANTED = "scrub-wanted"
# Erasures in one round; the rest are done in the next.
BATCH_SIZE = 50


def erase_due() -> int:
    done = sum(_try(erasure) for erasure in due_erasures()[:BATCH_SIZE])
    done += sum(_erase_again(user) for user in _written_after_erasure())
    if done:
        cache.set(SCRUB_WANTED, 1, 86_400)
    if cache.get(SCRUB_WANTED) and scrub():
        cache.delete(SCRUB_WANTED)
    return done


def due_erasures() -> QuerySet[Erasure]:
    now = timezone.now()
    return Erasure.objects.filter(cancelled_at=None, done_at=None, due_at__lte=now).order_by("due_at")


def _try(erasure: Erasure) -> bool:
    """After an error the erasure stays for the next round; the log names it by its id only."""
    if erasure.user and erasing.is_last_operator(erasure.user):
        log.warning("erasure_waits", extra={"erasure": erasure.pk, "error": "the last operator"})
        return False
    try:
        return erase_person(erasure)
    except Conflict:
        log.info("erasure_waits", extra={"erasure": erasure.pk, "error": "a post was just changed"})
        return False


def erase_person(erasure: Erasure, *, to_ledger: bool = True) -> bool:
    """Return False if it is not due, was cancelled or is done. Raises Conflict."""
    subject = Subject.from_erasure(erasure)
    names = Names(subject.names())
    new_texts = erase_posts.prepare(subject, names)
    _end_sessions(subject)
    with transaction.atomic():
        wish = due_erasures().select_for_update(of=("self",)).filter(pk=erasure.pk).first()
        if wish is None:
            return False
        # Read again under the lock: another round may have erased the person just before, and would be recorded twice.
        if to_ledger and (who := _random_values(Subject.from_erasure(wish))):
            ledger.record_event(ledger.ERASED, who, keep_posts=wish.keep_posts)
        _erase(subject, names, new_texts, keep_posts=wish.keep_posts)
    _end_sessions(subject)
    Erasure.objects.filter(pk=erasure.pk).update(done_at=timezone.now(), address_key="")
    return True


def _end_sessions(subject: Subject) -> None:
    erase_traces.end_sessions({subject.user.pk} if subject.user else set(), set(subject.keys))


def _random_values(subject: Subject) -> list[str]:
    """Return the values that identify the person in an older copy of the database; none when step 2 was done before."""
    tokens = list(subject.contacts().values_list("token", flat=True))
    alive = subject.user is not None and subject.user.erased_at is None
    return [subject.user.handle, *tokens] if subject.user and alive else tokens


def _erase(subject: Subject, names: Names, new_texts: dict[int, erase_posts.NewText], *, keep_posts: bool) -> None:
    """Call inside the transaction; the keys by which rows are found are deleted last."""
    user = subject.user
    if user is not None:
        user = User.objects.select_for_update().get(pk=user.pk)
    erase_posts.leave(subject.posts(), new_texts, keep=keep_posts)
    erase_traces.erase(user, subject.contacts(), names)
    if user is not None:
        erasing.make_tombstone(user)


def _written_after_erasure() -> QuerySet[User]:
    """Return erased people for whom a request that was running during the erasure has written something."""
    wrote = Post.objects.exclude(author=None).filter(author__erased_at__isnull=False).values("author")
    mail = Contact.objects.filter(user__erased_at__isnull=False).values("user")
    return User.objects.filter(Q(pk__in=wrote) | Q(pk__in=mail))


def _erase_again(user: User) -> bool:
    wish = Erasure.objects.filter(user=user, done_at__isnull=False).order_by("-done_at").first()
    subject = Subject.member(user)
    names = Names(subject.names())
    new_texts = erase_posts.prepare(subject, names)
    try:
        with transaction.atomic():
            _erase(subject, names, new_texts, keep_posts=bool(wish and wish.keep_posts))
    except Conflict:
        return False
    return True


def scrub() -> bool:
    """Rewrite SQLite's file without free pages, which may hold erased text; return False when a reader blocked it.

    `secure_delete` overwrites deleted rows, but not the copies that stay in a page after its rows have moved to another
    one: only VACUUM removes them. PostgreSQL's autovacuum looks after its own files.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return True
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
    except OperationalError:
        return False
