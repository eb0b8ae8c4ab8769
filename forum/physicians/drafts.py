"""Drafts of answers: kept as typed, one for each physician and question, and never overwritten unseen."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.conflicts import Conflict
from accounts.models import User
from forum.models import AnswerDraft, Post

LONGEST = 10_000


def of(user: User, question: Post) -> AnswerDraft | None:
    """Return the person's draft, if there is one."""
    return AnswerDraft.objects.filter(author=user, question=question).first()


def save(user: User, question: Post, text: str, *, seen: str) -> AnswerDraft:
    """Keep the text, or raise Conflict when a draft with other words was saved since `seen` (see mark).

    One conditional UPDATE: of two windows that save at once, one is told.
    """
    now = timezone.now()
    moment = _moment(seen)
    mine = AnswerDraft.objects.filter(author=user, question=question)
    if moment is not None and mine.filter(saved_at=moment).update(text=text, saved_at=now):
        return mine.get()
    draft = mine.first()
    if draft is None:
        try:
            with transaction.atomic():
                return AnswerDraft.objects.create(author=user, question=question, text=text, saved_at=now)
        except IntegrityError:
            draft = mine.get()
    if draft.text != text:
        raise Conflict(draft)
    return draft


def keep(user: User, question: Post, text: str) -> AnswerDraft:
    """Keep the text whatever stood there: words that would be lost go after it."""
    draft = of(user, question)
    if draft is not None and text in draft.text:
        return draft
    whole = f"{draft.text}\n\n{text}" if draft is not None and draft.text not in text else text
    values = {"text": whole[:LONGEST], "saved_at": timezone.now()}
    return AnswerDraft.objects.update_or_create(author=user, question=question, defaults=values)[0]


def keep_sent(user: User, question: Post, text: str, *, seen: str) -> AnswerDraft:
    """Keep what is being sent; words that another window has saved meanwhile stay before it."""
    try:
        return save(user, question, text[:LONGEST], seen=seen)
    except Conflict:
        return keep(user, question, text)


def drop(user: User, question: Post, text: str) -> None:
    """Forget the draft when it is what was sent; words of another window stay."""
    AnswerDraft.objects.filter(author=user, question=question, text=text).delete()


def mark(draft: AnswerDraft | None) -> str:
    """Return what a page remembers of the draft that it shows."""
    return draft.saved_at.isoformat() if draft else ""


def _moment(seen: str) -> datetime | None:
    """Return the time that a mark names; None for what is none."""
    try:
        moment = parse_datetime(seen)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
