"""Registry of mail previews: one for every kind of mail, and for each wording that differs much."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import slugify

from forum.models import Delivery
from forum.views.dev_mail.sample_people import Cast

Make = Callable[[Cast], Delivery]


@dataclass(frozen=True)
class Preview:
    kind: Delivery.Kind
    what: str
    make: Make

    @property
    def slug(self) -> str:
        return slugify(f"{self.kind} {self.what}")


PREVIEWS: list[Preview] = []


def preview(kind: Delivery.Kind, what: str) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        PREVIEWS.append(Preview(kind, what, make))
        return make

    return register
