"""What the pages of people's own data show: a guest's link, and erasures in each of their states."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts import addresses
from accounts.models import DataLink, Erasure
from forum.privacy import requests
from forum.privacy.subject import Subject
from tests import factories


def own_data() -> dict[str, Any]:
    """Return the tokens that gallery.py needs."""
    for text in ("Is this one mine?", f"Is this a long one of mine? {'Donaudampfschiff' * 6}"):
        factories.pending(text, name="Gerda Guest", address="gerda@guests.test")
    link = DataLink.objects.create(
        address_key=addresses.key_of("gerda@guests.test"), expires_at=timezone.now() + timedelta(hours=24)
    )
    open_one, back, done = (
        requests.request_erasure(Subject.member(factories.person(f"Erna {n}")), keep_posts=n % 2 == 0) for n in range(3)
    )
    requests.cancel_erasure(back)
    now = timezone.now()
    Erasure.objects.filter(pk=done.pk).update(done_at=now)
    # Due, and not carried out: the last operator has to hand over first.
    operator = factories.person("Olga Operator", is_superuser=True)
    late = Erasure.objects.create(user=operator, keep_posts=True, due_at=now)
    tokens = {"open": open_one, "back": back, "done": done, "late": late}
    return {"data_link": link.token, "erasure": {name: wish.token for name, wish in tokens.items()}}
