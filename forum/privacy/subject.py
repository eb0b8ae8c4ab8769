"""Whose data: a member, with what they wrote as a guest from the same addresses; or a guest, by the address."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts import addresses, erasing
from accounts.models import FORMER_READER, HIDDEN_NAME, Contact, Erasure, User
from forum.models import Post
from forum.models.posts import PostQuerySet

NOBODYS_NAMES = frozenset({"", FORMER_READER, HIDDEN_NAME, erasing.FORMER_PHYSICIAN})


@dataclass(frozen=True)
class Subject:
    """One person. `keys` are keyed hashes of addresses whose mail they have shown to read."""

    user: User | None
    keys: tuple[str, ...]

    @classmethod
    def member(cls, user: User) -> "Subject":
        """Return the member, under every verified address."""
        return cls(user, tuple(addresses.keys_of(user)))

    @classmethod
    def guest(cls, key: str) -> "Subject":
        """Return whoever reads the mail of the address with this key."""
        return cls(None, (key,) if key else ())

    @classmethod
    def of(cls, erasure: Erasure) -> "Subject":
        """Return whose wish it is."""
        return cls.member(erasure.user) if erasure.user else cls.guest(erasure.address_key)

    def contacts(self) -> QuerySet[Contact]:
        """Return where their mail goes, also the rows of single account mails."""
        mine = Q(user=None, address_key__in=self.keys)
        return Contact.objects.filter(mine | Q(user=self.user.pk) if self.user else mine)

    def posts(self) -> PostQuerySet:
        """Return what they wrote, oldest first."""
        mine = Q(contact__in=self.contacts())
        return Post.objects.filter(mine | Q(author=self.user.pk) if self.user else mine).order_by("pk")

    def names(self) -> set[str]:
        """Return every name under which they are shown."""
        shown = set(self.posts().order_by().values_list("name", flat=True).distinct())
        return (shown | (erasing.names_of(self.user) if self.user else set())) - NOBODYS_NAMES
