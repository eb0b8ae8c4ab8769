"""Cards for moderators: a post with everything needed to decide on it, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Subquery

from articles.text.markup import mask
from forum.models import Claim, Hold, LogEntry, Note, Post, Report, Revision
from forum.models.posts import PostQuerySet
from forum.moderation import claims
from forum.moderation.author_record import Record, records
from forum.moderation.highlight import Piece, Span, cut, spans
from forum.posts.diff import Changed, differences
from forum.states import ASKING, BUTTONS, DECISIONS, Move, State, allowed

if TYPE_CHECKING:
    from accounts.models import User

REPLIES_SHOWN = 3
VERSIONS_SHOWN = 5


@dataclass(frozen=True)
class Change:
    number: int
    pieces: list[Changed]


@dataclass
class Card:
    post: Post
    viewer: "User"
    holds: list[Hold] = field(default_factory=list)
    record: Record = field(default_factory=Record)
    versions: list[Revision] = field(default_factory=list)
    replies: list[Post] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    asked: LogEntry | None = None

    @cached_property
    def pieces(self) -> list[Piece]:
        """The source text cut at the matches, with addresses masked: moderators need not see them."""
        return cut(self.post.source, self.holds)

    @cached_property
    def spans(self) -> list[Span]:
        return spans(self.post.source, self.holds)

    @cached_property
    def reasons(self) -> list[Hold]:
        """The rules' findings without repeated sentences; "unconfirmed" is dropped once the address is confirmed."""
        confirmed = self.post.contact is not None and self.post.contact.is_confirmed
        kept = [hold for hold in self.holds if hold.rule != "unconfirmed" or not confirmed]
        return list({(hold.effect, hold.sentence): hold for hold in kept}.values())

    @property
    def reported(self) -> list[tuple[str, str]]:
        return [(report.get_reason_display(), mask(report.note)) for report in self.reports]

    @cached_property
    def changes(self) -> list[Change]:
        texts = [*((revision.number, revision.source) for revision in self.versions), (0, self.post.source)]
        pairs = pairwise(texts)
        numbered = [(before[0], differences(before[1], after[1])) for before, after in pairs]
        return [Change(number + 1, changed) for number, changed in reversed(numbered)]

    @cached_property
    def claim(self) -> Claim | None:
        return claims.by_another(self.post, self.viewer)

    @cached_property
    def is_own(self) -> bool:
        return self.post.written_by(self.viewer)

    @cached_property
    def moves(self) -> list[str]:
        """The possible decisions; none on the moderator's own post or on one with deleted text."""
        if self.post.purged_at:
            return []
        possible = [move for move in Move if move in DECISIONS and allowed(move, State(self.post.state))]
        return [move.value for move in possible if not self.is_own and (move != Move.KEEP or self.reports)]

    @cached_property
    def buttons(self) -> dict[str, str]:
        return {move.value.replace("-", "_"): words for move, words in BUTTONS.items() if move.value in self.moves}

    @cached_property
    def answers(self) -> dict[str, str]:
        return {move: BUTTONS[Move(move)] for move in ("return", "reject", "remove") if move in self.moves}


def with_everything(posts: PostQuerySet) -> PostQuerySet:
    return posts.with_people().select_related("contact", "claim", "claim__moderator")


def card(post: Post, viewer: "User") -> Card:
    return cards([post], viewer, versions=VERSIONS_SHOWN)[0]


def cards(posts: list[Post], viewer: "User", versions: int = 1) -> list[Card]:
    found = {post.pk: Card(post, viewer) for post in posts}
    for hold in Hold.objects.filter(post__in=found, revision=F("post__revision")):
        found[hold.post_id].holds.append(hold)
    earlier = Revision.objects.filter(post__in=found, number__lt=F("post__revision"))
    for revision in earlier.filter(number__gte=F("post__revision") - versions):
        found[revision.post_id].versions.append(revision)
    for note in Note.objects.filter(post__in=found).select_related("author"):
        found[note.post_id].notes.append(note)
    for report in Report.objects.filter(post__in=found, outcome=Report.Outcome.OPEN).order_by("id"):
        found[report.post_id].reports.append(report)
    for entry in _asked(found):
        found[entry.post_id or 0].asked = entry
    written = records({post.author_id for post in posts if post.author_id})
    replies = _last_replies({post.question_id for post in posts if post.question_id})
    for one in found.values():
        one.record = written.get(one.post.author_id or 0, Record())
        one.replies = [reply for reply in replies[one.post.question_id or 0] if reply.pk != one.post.pk]
    return list(found.values())


def _asked(posts: Iterable[int]) -> Iterable[LogEntry]:
    asked = LogEntry.objects.filter(post__in=posts, move__in=ASKING).exclude(post__waiting_for="")
    return asked.select_related("actor").order_by("id")


def _last_replies(questions: Iterable[int]) -> dict[int, list[Post]]:
    """Return the last published replies of each question, oldest first, in two queries for any number."""
    newest = Post.objects.filter(question=OuterRef("pk"), state=State.PUBLISHED).order_by("-published_at")
    places = {f"last_{n}": Subquery(newest.values("pk")[n : n + 1]) for n in range(REPLIES_SHOWN)}
    rows = Post.objects.filter(pk__in=questions).annotate(**places).values_list(*places)
    found: dict[int, list[Post]] = defaultdict(list)
    wanted = [pk for row in rows for pk in row if pk]
    for reply in Post.objects.filter(pk__in=wanted).select_related("credential", "author").order_by("published_at"):
        found[reply.question_id or 0].append(reply)
    return found
