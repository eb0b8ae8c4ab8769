"""Status of a question at the physicians' desk: waiting, answered, asked again or done; the writer of its columns.

`status_of` reads only what is public, and every transition stores its result. So a removed answer or an undone decision
needs no special case.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Min, Q

from accounts.models import Contact, User
from forum.models import DeskQuestion, LogEntry, Post
from forum.states import State

DeskState = DeskQuestion.State


@dataclass(frozen=True)
class Status:
    state: DeskQuestion.State
    since: datetime
    is_urgent: bool = False

    @property
    def is_open(self) -> bool:
        return self.state in DeskQuestion.OPEN


def update_after(post: Post, entry: LogEntry) -> User | None:
    """Store the question's new status, inside the transition's transaction.

    Return the physician whom moderators have named if the question becomes public.
    """
    if State.PUBLISHED not in (entry.before, entry.after):
        return None
    if post.question is None:
        row = update(post)
        becomes_public = entry.before != State.PUBLISHED and entry.after == State.PUBLISHED
        return row.routed_to if becomes_public and row is not None else None
    if post.credential_id is not None or _may_be_the_askers(post, post.question):
        update(post.question)
    return None


def update(question: Post) -> DeskQuestion | None:
    """Return the row as it was; call inside a transaction.

    The row is locked before anything else is read, so that the second of two concurrent replies sees the first.
    """
    rows = DeskQuestion.objects.filter(question=question.pk)
    row = rows.select_for_update().first()
    fresh = Post.objects.select_related("contact").get(pk=question.pk)
    if fresh.state != State.PUBLISHED:
        return row
    found = status_of(fresh)
    fields = {"state": found.state, "waiting_since": found.since, "is_urgent": found.is_urgent}
    if row is None:
        DeskQuestion.objects.bulk_create([DeskQuestion(question=fresh, **fields)], ignore_conflicts=True)
        return None
    unclaimed = {} if found.is_open else {"claimed_by": None, "claimed_until": None}
    rows.update(**fields, **unclaimed)
    return row


def status_of(question: Post) -> Status:
    """Compute it from the public replies and from what the asker said last; at most three queries."""
    public = Post.objects.filter(question=question, state=State.PUBLISHED)
    by_asker = _by_asker(question)
    answer = Q(credential__isnull=False) & ~by_asker
    found = public.filter(answer | by_asker).aggregate(
        answered=Max("published_at", filter=answer), asked=Max("published_at", filter=by_asker)
    )
    answered, asked, done = found["answered"], found["asked"], question.answered_at
    settled = max((moment for moment in (answered, done) if moment is not None), default=None)
    if settled is None:
        return Status(DeskState.WAITING, question.published_at or question.created_at, question.is_urgent)
    if asked is not None and asked > settled:
        again = public.filter(by_asker, published_at__gt=settled).aggregate(
            since=Min("published_at"), urgent=Count("id", filter=Q(is_urgent=True))
        )
        state = DeskState.WAITING if answered is None else DeskState.FOLLOW_UP
        return Status(state, again["since"] or asked, bool(again["urgent"]))
    # Once the asker has said that it is answered, another answer changes nothing.
    content = done is not None and (asked is None or asked <= done)
    return Status(DeskState.DONE, done or settled) if content else Status(DeskState.ANSWERED, answered or settled)


def _by_asker(question: Post) -> Q:
    """Match the same member, or a guest with the same confirmed address; an unconfirmed one proves nothing."""
    if question.author_id is not None:
        return Q(author=question.author_id)
    contact = question.contact
    if contact is None or not contact.address_key or not contact.is_confirmed:
        return Q(pk__in=[])
    return Q(author=None, contact__address_key=contact.address_key, contact__confirmed_at__isnull=False)


def _may_be_the_askers(reply: Post, question: Post) -> bool:
    if question.author_id is not None:
        return reply.author_id == question.author_id
    asker, writer = question.contact, reply.contact
    if reply.author_id is not None or asker is None or writer is None:
        return False
    return bool(asker.address_key) and asker.address_key == writer.address_key


def update_for(contact: Contact) -> None:
    """Call when a guest has confirmed an address: their replies may be the asker's from now on."""
    with transaction.atomic():
        for post in contact.posts.filter(state=State.PUBLISHED).select_related("question"):
            update(post.thread)
