"""Erasure of everything but posts: mail, subscriptions, reports, drafts, claims, sessions, names in notes of others."""

import re
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts.models import FORMER_READER, Contact, DataLink, Suppression, User, random_token
from accounts.models.contacts import key_of, keys_of
from accounts.names import Names
from forum.models import (
    AnswerDraft,
    Claim,
    DeskQuestion,
    Helped,
    InboundMail,
    Note,
    ReplyAddress,
    Report,
    Sanction,
    Snippet,
    Subscription,
)
from forum.notifications import outbox
from forum.posts import report_outcomes

# Texts of other people that may name the person, with their maximum lengths.
OTHERS_WORDS: tuple[tuple[type[Model], str, int], ...] = (
    (Note, "text", 1_000),
    (Report, "note", 500),
    (Sanction, "reason", 1_000),
)
SESSIONS_AT_ONCE = 500
# In a session an address is a value of its own, or part of a form that was kept until the person signs in again.
ADDRESS = re.compile(r"[^\s\"'<>,;:&=]+@[^\s\"'<>,;:&=]+")


def erase(user: User | None, contacts: QuerySet[Contact], names: Names) -> None:
    """Call inside the transaction that erases the posts; the keys that find the contacts are deleted last."""
    ids = list(contacts.values_list("pk", flat=True))
    if user is not None:
        _erase_work(user)
        report_outcomes.disown(user)
        Suppression.objects.filter(address_key__in=keys_of(user)).delete()
    _rename_in_others_words(names)
    _erase_mail(ids)
    forgotten = {"user": None, "address": "", "address_key": "", "links_only": False, "mail_stopped_at": None}
    for pk in ids:
        Contact.objects.filter(pk=pk).update(**forgotten, token=random_token())


def _erase_work(user: User) -> None:
    AnswerDraft.objects.filter(author=user).delete()
    Snippet.objects.filter(author=user).delete()
    Claim.objects.filter(moderator=user).delete()
    DeskQuestion.objects.filter(claimed_by=user).update(claimed_by=None, claimed_until=None)
    DeskQuestion.objects.filter(routed_to=user).update(routed_to=None)
    nobody = Concat(Value(report_outcomes.FORGOTTEN), Cast(F("pk"), CharField()), output_field=CharField())
    Helped.objects.filter(user=user).update(user=None, reader_key=nobody)


def _rename_in_others_words(names: Names) -> None:
    for model, column, most in OTHERS_WORDS:
        named = Q(pk__in=[])
        for name in names.names:
            # A line break may separate two words of a name: search for the longest word.
            named |= Q(**{f"{column}__icontains": max(name.split(), key=len)})
        for row in model._default_manager.filter(named):
            text: str = getattr(row, column)
            if names.are_in(text):
                changed = {column: names.replaced(text, FORMER_READER, max_length=most)}
                model._default_manager.filter(pk=row.pk).update(**changed)


def _erase_mail(contact_ids: list[int]) -> None:
    outbox.forget(contact_ids)
    Subscription.objects.filter(contact__in=contact_ids).delete()
    keys = Contact.objects.filter(pk__in=contact_ids).exclude(address_key="").values("address_key")
    DataLink.objects.filter(address_key__in=keys).delete()
    Suppression.objects.filter(address_key__in=keys).delete()
    ReplyAddress.objects.filter(contact__in=contact_ids).delete()
    InboundMail.objects.filter(contact__in=contact_ids).update(contact=None, post=None)


def end_sessions(user_ids: set[int], keys: set[str]) -> int:
    """Return the number of deleted sessions; reads every row, so call it outside any transaction."""
    people = {str(pk) for pk in user_ids}
    found: list[str] = []
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=SESSIONS_AT_ONCE):
        data = session.get_decoded()
        if data.get("_auth_user_id") in people or _holds_address(data, keys):
            found.append(session.session_key)
    for start in range(0, len(found), SESSIONS_AT_ONCE):
        Session.objects.filter(pk__in=found[start : start + SESSIONS_AT_ONCE]).delete()
    # Expired sessions cannot be decoded: delete all.
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    return len(found)


def _holds_address(value: Any, keys: set[str]) -> bool:
    if isinstance(value, dict):
        return any(_holds_address(part, keys) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_address(part, keys) for part in value)
    return isinstance(value, str) and any(key_of(found) in keys for found in ADDRESS.findall(value))
