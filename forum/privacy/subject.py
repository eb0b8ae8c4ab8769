"""Data subject: a member with the guest posts from their verified addresses, or a guest, by address."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts import erasing
from accounts.models import FORMER_READER, HIDDEN_NAME, Contact, Erasure, User
from accounts.models.contacts import keys_of
from forum.models import Post
from forum.models.posts import PostQuerySet

NOBODYS_NAMES = frozenset({"", FORMER_READER, HIDDEN_NAME, erasing.FORMER_PHYSICIAN})


@dataclass(frozen=True)
class Subject:
    """`keys` are keyed hashes of addresses that the person has proved to read."""

    user: User | None
    keys: tuple[str, ...]

    @classmethod
    def member(cls, user: User) -> "Subject":
        return cls(user, tuple(keys_of(user)))

    @classmethod
    def guest(cls, key: str) -> "Subject":
        return cls(None, (key,) if key else ())

    @classmethod
    def from_erasure(cls, erasure: Erasure) -> "Subject":
        return cls.member(erasure.user) if erasure.user else cls.guest(erasure.address_key)

    def contacts(self) -> QuerySet[Contact]:
        mine = Q(user=None, address_key__in=self.keys)
        return Contact.objects.filter(mine | Q(user=self.user.pk) if self.user else mine)

    def posts(self) -> PostQuerySet:
        mine = Q(contact__in=self.contacts())
        return Post.objects.filter(mine | Q(author=self.user.pk) if self.user else mine).order_by("pk")

    def names(self) -> set[str]:
        shown = set(self.posts().order_by().values_list("name", flat=True).distinct())
        return (shown | (erasing.names_of(self.user) if self.user else set())) - NOBODYS_NAMES
