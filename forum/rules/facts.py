"""Facts about an author and the time of posting, read from the database for the rules."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from forum.models import LogEntry, Post, Sanction
from forum.rules import Facts
from forum.states import Move, State

REPEAT = timedelta(days=30)
HOUR = timedelta(hours=1)
# Newest posts that a text is compared with to find near-duplicates.
COMPARED_POSTS = 1_000
# Upper bound for counts of posts, as no option of a rule can be higher.
COUNT_LIMIT = 50
# Rows read for a dry run; older posts of very active authors may be missing.
MAX_ROWS = 20_000
RETURNS = (Move.RETURN, Move.REJECT, Move.SPAM, Move.REMOVE)


def gather(post: Post, address_key: str = "") -> Facts:
    """Return the facts about a post, saved or not, in at most six queries. The fields of its text must be set.

    `address_key` is the keyed hash of a guest's address while the post has no contact yet.
    """
    now = timezone.now()
    known = _about_member(post, now) if post.author_id else _about_guest(post, address_key, now)
    same = Post.objects.filter(digest=post.digest, created_at__gte=now - REPEAT).exclude(pk=post.pk)
    return Facts(
        policy=settings.MODERATION_POLICY,
        is_physician=post.credential_id is not None,
        same_text_before=same[:1].count(),
        recent_fingerprints=_of_others(post, _newest(COMPARED_POSTS), now) if post.fingerprint is not None else (),
        **known,
    )


def gather_many(posts: Sequence[Post]) -> list[Facts]:
    """Return the facts about each post at the time when it was sent, in six queries for any number of posts.

    `posts` must be ordered newest first, with their contacts.
    """
    people = _People(posts)
    again = Post.objects.filter(digest__in={post.digest for post in posts}).order_by("-id")
    same = _times(again.values_list("digest", "created_at")[:MAX_ROWS])
    newest = _newest(COMPARED_POSTS + len(posts))
    return [
        Facts(
            policy=settings.MODERATION_POLICY,
            is_guest=post.author_id is None,
            is_confirmed=post.author_id is not None or bool(post.contact and post.contact.is_confirmed),
            is_physician=post.credential_id is not None,
            published_before=people.published_before(post),
            same_text_before=_count_between(same[post.digest], post.created_at - REPEAT, post.created_at),
            days_since_return=people.days_since_return(post),
            posts_last_hour=people.posts_last_hour(post),
            is_sanctioned=people.is_sanctioned(post),
            recent_fingerprints=_of_others(post, newest, post.created_at) if post.fingerprint is not None else (),
        )
        for post in posts
    ]


def _about_member(post: Post, now: datetime) -> dict[str, Any]:
    theirs = Post.objects.filter(author=post.author_id).exclude(pk=post.pk)
    returned = LogEntry.objects.not_undone().filter(move__in=RETURNS, post__author=post.author_id)
    held = Sanction.objects.in_force().filter(user=post.author_id, kind=Sanction.Kind.HOLD)
    last = returned.aggregate(last=Max("created_at"))["last"]
    return {
        "is_guest": False,
        "is_confirmed": True,
        "published_before": theirs.filter(state=State.PUBLISHED)[:COUNT_LIMIT].count(),
        "days_since_return": None if last is None else (now - last).days,
        "posts_last_hour": theirs.filter(created_at__gt=now - HOUR)[:COUNT_LIMIT].count(),
        "is_sanctioned": held.exists(),
    }


def _about_guest(post: Post, address_key: str, now: datetime) -> dict[str, Any]:
    contact = post.contact
    key = address_key or (contact.address_key if contact else "")
    theirs = Post.objects.filter(contact__address_key=key, created_at__gt=now - HOUR).exclude(pk=post.pk)
    return {
        "is_guest": True,
        "is_confirmed": bool(contact and contact.is_confirmed),
        "posts_last_hour": theirs[:COUNT_LIMIT].count() if key else 0,
    }


Print = tuple[int, int | None, int | None, datetime]


def _newest(count: int) -> list[Print]:
    return list(Post.objects.order_by("-id").values_list("pk", "author_id", "fingerprint", "created_at")[:count])


def _of_others(post: Post, newest: Iterable[Print], now: datetime) -> tuple[int, ...]:
    return tuple(
        found
        for pk, author, found, at in newest
        if found is not None
        and pk != post.pk
        and (author is None or author != post.author_id)
        and now - REPEAT <= at <= now
    )


def _times(rows: Iterable[tuple[object, datetime | None]]) -> dict[object, list[datetime]]:
    found: dict[object, list[datetime]] = defaultdict(list)
    for key, at in rows:
        if at is not None:
            found[key].append(at)
    for times in found.values():
        times.sort()
    return found


def _count_between(times: Sequence[datetime], first: datetime, last: datetime) -> int:
    return bisect_left(times, last) - bisect_left(times, first)


class _People:
    def __init__(self, posts: Sequence[Post]) -> None:
        authors = {post.author_id for post in posts if post.author_id}
        keys = {post.contact.address_key for post in posts if post.contact and not post.author_id} - {""}
        mine = Post.objects.filter(author__in=authors).order_by("-id")
        rows = list(mine.values_list("author_id", "created_at", "published_at", "state")[:MAX_ROWS])
        guests = Post.objects.filter(contact__address_key__in=keys).order_by("-id")
        self.sent = _times((author, at) for author, at, _published, _state in rows)
        self.published = _times((author, at) for author, _sent, at, state in rows if state == State.PUBLISHED)
        self.by_key = _times(guests.values_list("contact__address_key", "created_at")[:MAX_ROWS])
        returned = LogEntry.objects.not_undone().filter(move__in=RETURNS, post__author__in=authors)
        self.returned = _times(returned.order_by("-id").values_list("post__author_id", "created_at")[:MAX_ROWS])
        held = Sanction.objects.filter(user__in=authors, kind=Sanction.Kind.HOLD)
        self.sanctions = list(held.values_list("user_id", "created_at", "ends_at", "lifted_at"))

    def published_before(self, post: Post) -> int:
        return bisect_left(self.published.get(post.author_id, []), post.created_at)

    def days_since_return(self, post: Post) -> int | None:
        times = self.returned.get(post.author_id, [])
        before = bisect_left(times, post.created_at)
        return (post.created_at - times[before - 1]).days if before else None

    def posts_last_hour(self, post: Post) -> int:
        guest_key = post.contact.address_key if post.contact and not post.author_id else ""
        times = self.sent.get(post.author_id, []) if post.author_id else self.by_key.get(guest_key, [])
        return _count_between(times, post.created_at - HOUR, post.created_at)

    def is_sanctioned(self, post: Post) -> bool:
        at = post.created_at
        return any(
            user == post.author_id and begun <= at < (lifted or ends) and at < ends
            for user, begun, ends, lifted in self.sanctions
        )
