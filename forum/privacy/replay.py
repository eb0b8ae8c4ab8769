"""Replay of erasures after a restore: erase again, and cancel again what was cancelled since the backup."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, Erasure, User
from forum.privacy import erase, ledger


@dataclass
class Outcome:
    """`unreadable` lines were written under another SECRET_KEY."""

    erased: int = 0
    taken_back: int = 0
    unreadable: int = 0


@dataclass
class _Wanted:
    keep: dict[str, bool] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)


def replay() -> Outcome:
    outcome, wanted = Outcome(), _Wanted()
    for line in ledger.lines():
        if not line.is_readable:
            outcome.unreadable += 1
        elif line.event == ledger.TAKEN_BACK:
            wanted.taken_back.update(line.who)
        else:
            wanted.keep.update(dict.fromkeys(line.who, line.keep_posts))
    outcome.taken_back = _cancel(wanted.taken_back)
    for erasure in _wishes(wanted.keep):
        outcome.erased += erase.erase_person(erasure, to_ledger=False)
    if outcome.erased:
        erase.scrub()
    return outcome


def _cancel(hashes: set[str]) -> int:
    open_ones = Erasure.objects.filter(cancelled_at=None, done_at=None)
    back = [pk for pk, token in open_ones.values_list("pk", "token") if ledger.hash_of(token) in hashes]
    return Erasure.objects.filter(pk__in=back).update(cancelled_at=timezone.now(), address_key="")


def _wishes(keep: dict[str, bool]) -> list[Erasure]:
    wishes = []
    people = User.objects.filter(erased_at=None).values_list("pk", "handle")
    for pk, handle in people.iterator():
        if (choice := keep.get(ledger.hash_of(handle))) is not None:
            wishes.append(_wish(choice, user_id=pk))
    guests = Contact.objects.filter(user=None).exclude(address_key="").values_list("address_key", "token")
    keys = {key: keep[found] for key, token in guests.iterator() if (found := ledger.hash_of(token)) in keep}
    return [*wishes, *(_wish(choice, address_key=key) for key, choice in keys.items())]


def _wish(keep_posts: bool, **whose: object) -> Erasure:
    now = timezone.now()
    with transaction.atomic():
        open_one = Erasure.objects.filter(**whose, cancelled_at=None, done_at=None)
        if open_one.update(keep_posts=keep_posts, due_at=now):
            return open_one.get()
        return Erasure.objects.create(**whose, keep_posts=keep_posts, asked_at=now, due_at=now)
