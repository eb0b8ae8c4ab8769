"""Names that would make a reader believe that somebody else speaks: a verified physician, or one of the team."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import Credential, User
from accounts.roles import PRIVILEGED_GROUPS

TAKEN = (
    "A volunteer on this site goes by this name. Please choose another one, so that nobody is taken for somebody else."
)
_TITLES = re.compile(r"^(?:(?:dr|doctor|prof|professor|med)\s+)+")


def refuse_names_of_others(name: str, user: Any = None) -> None:
    """Raise ValidationError when a verified physician or somebody with a role, other than `user`, is called so.

    Who they are is public, so that the refusal tells nothing.
    """
    wanted = folded(name)
    own: int = user.pk if user is not None else 0
    team = User.objects.filter(Q(is_staff=True) | Q(groups__name__in=PRIVILEGED_GROUPS), is_active=True)
    physicians = Credential.objects.in_force().exclude(user=own).values_list("full_name", flat=True)
    taken = {*team.exclude(pk=own).values_list("name", flat=True), *physicians}
    if wanted in {folded(other) for other in taken}:
        raise ValidationError(TAKEN, code="taken")


def folded(name: str) -> str:
    """Return what a hasty reader sees of a name: no case, accents, punctuation, spaces or title."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^\w\s]", " ", "".join(char for char in plain if not unicodedata.combining(char)))
    return re.sub(r"[\s_]+", "", _TITLES.sub("", words.strip()))
