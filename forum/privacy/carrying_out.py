"""Carrying out an erasure: the one door through which a person is erased. Beat asks for it every two minutes.

Steps, so that a crash between any two of them only means that the next round does the rest:
  1 prepare the new texts of posts that stay, and end the sessions, outside any transaction
  2 in one transaction: note it in the ledger (on the disk before the commit), then erase everything
  3 end the sessions once more: since step 2 the account can make no new ones
  4 mark it as done, and forget the key by which a guest's rows were found
"""

import logging

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import erasing
from accounts.models import Contact, Erasure, User
from accounts.names import Names
from forum.models import Post
from forum.privacy import leaving, ledger, traces
from forum.privacy.subjects import Subject

log = logging.getLogger(__name__)

# In the cache while SQLite's file still has to be written anew.
SCRUB_WANTED = "scrub-wanted"
# For one round: the rest is for the next.
MOST = 50


def run() -> int:
    """Erase everybody whose time to change their mind is over; return how many."""
    done = sum(_try(erasure) for erasure in due()[:MOST])
    done += sum(_erase_again(user) for user in _came_after())
    if done:
        cache.set(SCRUB_WANTED, 1, 86_400)
    if cache.get(SCRUB_WANTED) and scrub():
        cache.delete(SCRUB_WANTED)
    return done


def due() -> QuerySet[Erasure]:
    """Return the erasures whose time has come, longest due first."""
    now = timezone.now()
    return Erasure.objects.filter(cancelled_at=None, done_at=None, due_at__lte=now).order_by("due_at")


def _try(erasure: Erasure) -> bool:
    """Carry one out; what has to wait, waits for the next round and is seen in the log, by its number alone."""
    if erasure.user and erasing.is_last_operator(erasure.user):
        log.warning("erasure_waits", extra={"erasure": erasure.pk, "error": "the last operator"})
        return False
    try:
        return carry_out(erasure)
    except leaving.Changed:
        log.info("erasure_waits", extra={"erasure": erasure.pk, "error": "a post was just changed"})
        return False


def carry_out(erasure: Erasure, *, to_ledger: bool = True) -> bool:
    """Erase one person. False when it is not due, was taken back, or is done. Raises leaving.Changed."""
    subject = Subject.of(erasure)
    names = Names(subject.names())
    new_texts = leaving.prepare(subject, names)
    _end_sessions(subject)
    with transaction.atomic():
        wish = due().select_for_update(of=("self",)).filter(pk=erasure.pk).first()
        if wish is None:
            return False
        # Asked anew, now that this has the lock: a round beside this one may have erased the person just before, and
        # what was read then would be noted a second time.
        if to_ledger and (who := _random_values(Subject.of(wish))):
            ledger.note(ledger.ERASED, who, keep_posts=wish.keep_posts)
        _erase(subject, names, new_texts, keep_posts=wish.keep_posts)
    _end_sessions(subject)
    Erasure.objects.filter(pk=erasure.pk).update(done_at=timezone.now(), address_key="")
    return True


def _end_sessions(subject: Subject) -> None:
    traces.end_sessions({subject.user.pk} if subject.user else set(), set(subject.keys))


def _random_values(subject: Subject) -> list[str]:
    """Return what tells the person again in an older copy of the database; nothing when step 2 was done before."""
    tokens = list(subject.contacts().values_list("token", flat=True))
    alive = subject.user is not None and subject.user.erased_at is None
    return [subject.user.handle, *tokens] if subject.user and alive else tokens


def _erase(subject: Subject, names: Names, new_texts: dict[int, leaving.NewText], *, keep_posts: bool) -> None:
    """Erase everything, inside the transaction; the order matters: the keys by which rows are found go last."""
    user = subject.user
    if user is not None:
        user = User.objects.select_for_update().get(pk=user.pk)
    leaving.leave(subject.posts(), new_texts, keep=keep_posts)
    traces.erase(user, subject.contacts(), names)
    if user is not None:
        erasing.make_tombstone(user)


def _came_after() -> QuerySet[User]:
    """Return erased people of whom a request that was under way has still written something."""
    wrote = Post.objects.exclude(author=None).filter(author__erased_at__isnull=False).values("author")
    mail = Contact.objects.filter(user__erased_at__isnull=False).values("user")
    return User.objects.filter(Q(pk__in=wrote) | Q(pk__in=mail))


def _erase_again(user: User) -> bool:
    """Erase what came after, as the person has chosen."""
    wish = Erasure.objects.filter(user=user, done_at__isnull=False).order_by("-done_at").first()
    subject = Subject.member(user)
    names = Names(subject.names())
    new_texts = leaving.prepare(subject, names)
    try:
        with transaction.atomic():
            _erase(subject, names, new_texts, keep_posts=bool(wish and wish.keep_posts))
    except leaving.Changed:
        return False
    return True


def scrub() -> bool:
    """Let SQLite's files keep no copy of what was erased; False when somebody held it up.

    `secure_delete` overwrites what is deleted, but not the copies that stay behind in a page when its rows have moved
    to another one: only writing the file anew does that. PostgreSQL's autovacuum sees to its own files.
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
