"""The list of previews: every kind of mail, with each of its wordings that differs much."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import slugify

from forum.models import Delivery
from forum.views.dev_mail.sample_people import Cast

Make = Callable[[Cast], Delivery]


@dataclass(frozen=True)
class Preview:
    """One mail to look at; `make` returns what is owed."""

    kind: Delivery.Kind
    what: str
    make: Make

    @property
    def slug(self) -> str:
        """Its name in the address of its page."""
        return slugify(f"{self.kind} {self.what}")


PREVIEWS: list[Preview] = []


def preview(kind: Delivery.Kind, what: str) -> Callable[[Make], Make]:
    """Put the function into the list."""

    def register(make: Make) -> Make:
        PREVIEWS.append(Preview(kind, what, make))
        return make

    return register
