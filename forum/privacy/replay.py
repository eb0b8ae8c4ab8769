"""After a restore: erase again whoever the ledger names, and take back again what was taken back since."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, Erasure, User
from forum.privacy import erase, ledger


@dataclass
class Outcome:
    """What a replay did; `unreadable` lines were written under another SECRET_KEY."""

    erased: int = 0
    taken_back: int = 0
    unreadable: int = 0


@dataclass
class _Wanted:
    """The ledger by hash: the last choice for each."""

    keep: dict[str, bool] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)


def replay() -> Outcome:
    """Carry the ledger out on the database as it is; a second time changes nothing."""
    outcome, wanted = Outcome(), _Wanted()
    for line in ledger.lines():
        if not line.is_readable:
            outcome.unreadable += 1
        elif line.event == ledger.TAKEN_BACK:
            wanted.taken_back.update(line.who)
        else:
            wanted.keep.update(dict.fromkeys(line.who, line.keep_posts))
    outcome.taken_back = _take_back(wanted.taken_back)
    for erasure in _wishes(wanted.keep):
        outcome.erased += erase.carry_out(erasure, to_ledger=False)
    if outcome.erased:
        erase.scrub()
    return outcome


def _take_back(hashes: set[str]) -> int:
    """Close the wishes that are open in this copy and were taken back later."""
    open_ones = Erasure.objects.filter(cancelled_at=None, done_at=None)
    back = [pk for pk, token in open_ones.values_list("pk", "token") if ledger.hash_of(token) in hashes]
    return Erasure.objects.filter(pk__in=back).update(cancelled_at=timezone.now(), address_key="")


def _wishes(keep: dict[str, bool]) -> list[Erasure]:
    """Return an erasure, due now, for each person of this copy whom the ledger names."""
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
