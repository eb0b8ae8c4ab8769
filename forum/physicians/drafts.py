"""Drafts of answers: one for each physician and question, never overwritten unseen."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.conflicts import Conflict
from accounts.models import User
from forum.models import AnswerDraft, Post

MAX_LENGTH = 10_000


def draft_of(user: User, question: Post) -> AnswerDraft | None:
    return AnswerDraft.objects.filter(author=user, question=question).first()


def save(user: User, question: Post, text: str, *, seen: str) -> AnswerDraft:
    """Raises Conflict if a draft with other text was saved since `seen` (see mark).

    One conditional UPDATE, so of two windows that save at once, one fails.
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
    draft = draft_of(user, question)
    if draft is not None and text in draft.text:
        return draft
    whole = f"{draft.text}\n\n{text}" if draft is not None and draft.text not in text else text
    values = {"text": whole[:MAX_LENGTH], "saved_at": timezone.now()}
    return AnswerDraft.objects.update_or_create(author=user, question=question, defaults=values)[0]


def keep_sent(user: User, question: Post, text: str, *, seen: str) -> AnswerDraft:
    try:
        return save(user, question, text[:MAX_LENGTH], seen=seen)
    except Conflict:
        return keep(user, question, text)


def drop(user: User, question: Post, text: str) -> None:
    AnswerDraft.objects.filter(author=user, question=question, text=text).delete()


def mark(draft: AnswerDraft | None) -> str:
    return draft.saved_at.isoformat() if draft else ""


def _moment(seen: str) -> datetime | None:
    try:
        moment = parse_datetime(seen)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
