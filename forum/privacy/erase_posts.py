"""Erasure of a person's posts: public ones stay under "A former reader" (pseudonymised), or all texts are deleted."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.conflicts import Conflict
from accounts.erasing import FORMER_PHYSICIAN
from accounts.models import FORMER_READER, random_token
from accounts.names import Names
from forum.models import Hold, Post, Revision
from forum.models.posts import PostQuerySet
from forum.posts import question_status, submit, transitions
from forum.posts.purge import purge
from forum.privacy.subject import Subject
from forum.states import Move, State


@dataclass(frozen=True)
class NewText:
    """The columns derived from the text of a post that stays, and the sources of public versions by number."""

    version: int
    fields: dict[str, Any]
    sources: dict[int, str] = field(default_factory=dict)


def prepare(subject: Subject, names: Names) -> dict[int, NewText]:
    """Return new texts by primary key; call it before the transaction, since rendering takes time."""
    found = {}
    for post in subject.posts().filter(state=State.PUBLISHED).prefetch_related("revisions"):
        sources = {row.number: row.source for row in post.revisions.all() if names.are_in(row.source)}
        if sources or names.are_in(post.source):
            fields = submit.fields_of(
                names.replaced(post.source, FORMER_READER, max_length=Post._meta.get_field("source").max_length)
            )
            new = {number: names.replaced(source, FORMER_READER) for number, source in sources.items()}
            found[post.pk] = NewText(post.version, fields, new)
    return found


def leave(posts: PostQuerySet, new_texts: dict[int, NewText], *, keep: bool) -> None:
    """Call inside a transaction; `keep` keeps the public posts readable.

    Raises Conflict if a post was changed while its new text was being prepared; the next round starts again.
    """
    gone, threads = [], set[int]()
    # Locks all posts before the first row of the desk, as every transition does: otherwise this transaction and a
    # moderator's decision could deadlock.
    for post in posts.select_for_update(of=("self",)).select_related("question"):
        threads.add(post.question_id or post.pk)
        if keep and post.state == State.PUBLISHED:
            _stay(post, new_texts.get(post.pk))
        else:
            _go(post)
            gone.append(post.pk)
        Post.objects.filter(pk=post.pk).update(**_without_author(post))
    # The thread has no asker any more: a reply of the asker no longer makes it a follow-up question.
    for thread in Post.objects.filter(pk__in=threads).order_by("pk"):
        question_status.update(thread)
    purge(Post.objects.filter(pk__in=gone))


def _without_author(post: Post) -> dict[str, Any]:
    # The new token makes the private link in old mails invalid.
    return {
        "name": FORMER_PHYSICIAN if post.credential_id else FORMER_READER,
        "is_name_hidden": False,
        "author": None,
        "contact": None,
        "status_token": random_token(),
        "form_key": random_token(),
        # Invalidates the pages that show it (ETags).
        "changed_at": timezone.now(),
    }


def _go(post: Post) -> None:
    if post.purged_at is None:
        transitions.transition(post, transitions.Transition(Move.ERASE, None), post.version)


def _stay(post: Post, new: NewText | None) -> None:
    if new is not None and new.version != post.version:
        raise Conflict
    post.revisions.filter(published_at=None).exclude(number=post.revision).delete()
    # A hold may quote the text.
    Hold.objects.filter(post=post).update(sentence="", start=None, end=None)
    if new is not None:
        Post.objects.filter(pk=post.pk).update(**new.fields)
        for number, source in new.sources.items():
            Revision.objects.filter(post=post, number=number).update(source=source)
