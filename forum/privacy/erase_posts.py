"""What becomes of an erased person's posts: the public ones stay, as by a former reader, or the words of all go."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.erasing import FORMER_PHYSICIAN
from accounts.models import FORMER_READER, random_token
from accounts.names import Names
from forum.models import Hold, Post, Revision
from forum.models.posts import PostQuerySet
from forum.posts import question_status, stored_text, transitions
from forum.posts.purge import purge
from forum.privacy.subject import Subject
from forum.states import Move, State


class Changed(Exception):
    """A post was changed while its new text was being prepared: the next round begins anew."""


@dataclass(frozen=True)
class NewText:
    """What a post that stays will say: the columns that follow from its text, and its public versions by number."""

    version: int
    fields: dict[str, Any]
    sources: dict[int, str] = field(default_factory=dict)


def prepare(subject: Subject, names: Names) -> dict[int, NewText]:
    """Return the new texts of public posts in which their author is named, by the post's number.

    Rendering takes time and must not hold a transaction open.
    """
    found = {}
    for post in subject.posts().filter(state=State.PUBLISHED).prefetch_related("revisions"):
        sources = {row.number: row.source for row in post.revisions.all() if names.stand_in(row.source)}
        if sources or names.stand_in(post.source):
            fields = stored_text.fields_of(
                names.replaced(post.source, FORMER_READER, most=Post._meta.get_field("source").max_length)
            )
            new = {number: names.replaced(source, FORMER_READER) for number, source in sources.items()}
            found[post.pk] = NewText(post.version, fields, new)
    return found


def leave(posts: PostQuerySet, new_texts: dict[int, NewText], *, keep: bool) -> None:
    """Let the posts go on without their author, inside a transaction; `keep` keeps the public ones readable."""
    gone, threads = [], set[int]()
    # All posts are locked before the first row at the desk, as in every move of a post: otherwise a moderator who
    # decides on one of them meanwhile and this would wait for each other.
    for post in posts.select_for_update(of=("self",)).select_related("question"):
        threads.add(post.question_id or post.pk)
        if keep and post.state == State.PUBLISHED:
            _stay(post, new_texts.get(post.pk))
        else:
            _go(post)
            gone.append(post.pk)
        Post.objects.filter(pk=post.pk).update(**_without_author(post))
    # Nobody is the asker any more, so nobody's reply asks again.
    for thread in Post.objects.filter(pk__in=threads).order_by("pk"):
        question_status.update(thread)
    purge(Post.objects.filter(pk__in=gone))


def _without_author(post: Post) -> dict[str, Any]:
    """Return the columns that name nobody; the private link in old mails opens nothing any more."""
    return {
        "name": FORMER_PHYSICIAN if post.credential_id else FORMER_READER,
        "is_name_hidden": False,
        "author": None,
        "contact": None,
        "status_token": random_token(),
        "form_key": random_token(),
        # Pages that show it are asked for anew.
        "changed_at": timezone.now(),
    }


def _go(post: Post) -> None:
    """Take the post out of wherever it stands; one whose text was deleted before only loses its author."""
    if post.purged_at is None:
        try:
            transitions.transition(post, transitions.Transition(Move.ERASE, None), post.version)
        except transitions.Conflict as conflict:
            raise Changed from conflict


def _stay(post: Post, new: NewText | None) -> None:
    """Keep what everybody can read: the present text and earlier public ones, without the author's name in them."""
    if new is not None and new.version != post.version:
        raise Changed
    post.revisions.filter(published_at=None).exclude(number=post.revision).delete()
    # What the rules found told moderators where to look; it may quote.
    Hold.objects.filter(post=post).update(sentence="", start=None, end=None)
    if new is not None:
        Post.objects.filter(pk=post.pk).update(**new.fields)
        for number, source in new.sources.items():
            Revision.objects.filter(post=post, number=number).update(source=source)
