"""Lists of the desk: waiting questions, follow-ups, the physician's own and finished ones, with keyset pagination."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Credential, User
from forum.models import AnswerDraft, DeskQuestion, Post, Topic
from forum.paging import Key, Page, page_of
from forum.states import State

PER_PAGE = 20
MOST_DRAFTS = 100
Stands = DeskQuestion.State
# What is shown -> the words of the link.
SHOWN = {
    "waiting": "Waiting",
    "follow-up": "Asked again",
    "mine": "Begun by me",
    "answered": "Answered by me",
    "done": "Done",
}
# Urgent on top, then what moderators ask for, then the oldest.
ORDER = ("-is_urgent", "-is_asked_for", "waiting_since", "id")
NEWEST = ("-waiting_since", "-id")
QUESTION = Key("question__public_id", "from", "to")


@dataclass(frozen=True)
class Line:
    row: DeskQuestion
    why: list[str]
    claimed_by: str = ""
    is_mine: bool = False
    has_draft: bool = False


def tabs(shown: str, keep: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return the address, the words, and whether it is the list shown, for each link."""
    return [
        (f"?{urlencode({**({'show': name} if name != 'waiting' else {}), **keep})}", words, name == shown)
        for name, words in SHOWN.items()
    ]


def rows(user: User, shown: str) -> QuerySet[DeskQuestion]:
    # Whether a question is public is asked for each row, so that the rows are read in the order of the desk's index.
    public = Post.objects.filter(pk=OuterRef("question"), state=State.PUBLISHED).exclude(author=user)
    found = DeskQuestion.objects.filter(Exists(public))
    if shown == "mine":
        drafts = AnswerDraft.objects.filter(author=user).exclude(text="").order_by("-saved_at")
        begun = list(drafts.values_list("question_id", flat=True)[:MOST_DRAFTS])
        return found.filter(Q(claimed_by=user, claimed_until__gt=timezone.now()) | Q(question__in=begun))
    if shown == "answered":
        mine = Post.objects.filter(author=user, credential__isnull=False, state=State.PUBLISHED)
        return found.filter(question__in=mine.values("question"))
    states = {"waiting": Stands.WAITING, "follow-up": Stands.FOLLOW_UP, "done": Stands.DONE}
    return found.filter(state=states[shown])


def filtered(found: QuerySet[DeskQuestion], topic: str, specialty: str) -> QuerySet[DeskQuestion]:
    if topic:
        found = found.filter(question__topic__slug=topic)
    if specialty:
        found = found.filter(question__topic__in=Topic.objects.filter(specialty=specialty))
    return found


def page(request: HttpRequest, found: QuerySet[DeskQuestion], user: User, keep: Mapping[str, str]) -> Page:
    order = NEWEST if keep.get("show") in {"answered", "done"} else ORDER
    found = found.select_related("question__topic", "question__article", "claimed_by", "routed_to")
    shown = page_of(found, request, order=order, size=PER_PAGE, key=QUESTION, keep=keep)
    return Page(_lines(shown.items, user), shown.next_url, shown.previous_url)


def names_of(users: set[int]) -> dict[int, str]:
    in_force = Credential.objects.in_force().filter(user__in=users) if users else Credential.objects.none()
    return {found.user_id: found.full_name for found in in_force}


def why(row: DeskQuestion, user: User, names: Mapping[int, str]) -> list[str]:
    found = ["urgent"] if row.is_urgent else []
    if row.routed_to_id == user.pk:
        return [*found, "a moderator asks you for an answer"]
    if row.routed_to is not None:
        return [*found, f"a moderator asks {names.get(row.routed_to.pk, row.routed_to.name)} for an answer"]
    return [*found, "a moderator asks for an answer"] if row.is_asked_for else found


def line(row: DeskQuestion, user: User, names: Mapping[int, str], *, has_draft: bool) -> Line:
    claimed = row.claimed_by if row.is_claimed else None
    who = names.get(claimed.pk, claimed.name) if claimed else ""
    return Line(row, why(row, user, names), who, bool(claimed and claimed.pk == user.pk), has_draft)


def people_of(found: list[DeskQuestion]) -> set[int]:
    return {pk for row in found for pk in (row.claimed_by_id, row.routed_to_id) if pk is not None}


def _lines(found: list[DeskQuestion], user: User) -> list[Line]:
    names = names_of(people_of(found))
    begun = AnswerDraft.objects.filter(author=user, question__in=[row.question_id for row in found]).exclude(text="")
    drafts = set(begun.values_list("question_id", flat=True))
    return [line(row, user, names, has_draft=row.question_id in drafts) for row in found]
