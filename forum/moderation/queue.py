"""What a moderator sees on a card: the text with its matches, its reasons, its thread and its author's record."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F
from django.http import HttpRequest

from articles.markup import find_addresses, mask
from forum.models import Hold, Post, Revision
from forum.paging import Page, page_of
from forum.states import DECISIONS, Move, State, allowed

CARDS_PER_PAGE = 20


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; `reason` is set where a rule matched."""

    text: str
    reason: str = ""


@dataclass
class Card:
    """One waiting post with everything that a decision needs."""

    post: Post
    holds: list[Hold] = field(default_factory=list)
    record: dict[str, int] = field(default_factory=dict)
    earlier: list[Revision] = field(default_factory=list)

    @property
    def pieces(self) -> list[Piece]:
        """The text as typed, cut at the matches. Addresses are masked: moderators need not see them."""
        return cut(self.post.source, self.holds)

    @property
    def record_words(self) -> list[str]:
        """The author's record, such as “3 published”."""
        return [f"{count} {State(state).label}" for state, count in sorted(self.record.items())]

    @property
    def moves(self) -> list[str]:
        """The decisions that are possible from where the post stands."""
        return [move.value for move in Move if move in DECISIONS and allowed(move, State(self.post.state))]


def page(request: HttpRequest) -> Page:
    """Return one page of cards, oldest first, in four queries however many wait."""
    waiting = Post.objects.filter(state=State.PENDING).with_people().select_related("contact")
    found = page_of(waiting, request, by="waiting_since", newest_first=False, size=CARDS_PER_PAGE)
    return Page(cards(found.items), found.next_url, found.previous_url)


def cards(posts: list[Post]) -> list[Card]:
    """Return the cards for the posts."""
    found = {post.pk: Card(post) for post in posts}
    for hold in Hold.objects.filter(post__in=found, revision=F("post__revision")):
        found[hold.post_id].holds.append(hold)
    for revision in Revision.objects.filter(post__in=found, number__lt=F("post__revision")):
        found[revision.post_id].earlier.append(revision)
    records = _records([post.author_id for post in posts if post.author_id])
    for card in found.values():
        card.record = records.get(card.post.author_id or 0, {})
    return list(found.values())


def _records(authors: list[int]) -> dict[int, dict[str, int]]:
    """Return how many posts of each member stand in each state; one query."""
    records: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Post.objects.filter(author__in=set(authors)).order_by().values_list("author", "state")
    for author, state, count in rows.annotate(count=Count("id")):
        records[author][state] = count
    return records


def cut(text: str, holds: list[Hold]) -> list[Piece]:
    """Cut the text at the holds' spans; overlapping spans keep the first.

    A span that ends inside an address grows to take it in whole: half an address could not be masked.
    """
    pieces: list[Piece] = []
    position = 0
    whole = find_addresses(text)
    found = [(h.start, h.end, h.sentence) for h in holds if h.start is not None and h.end is not None]
    spans = sorted((*_grown(start, end, whole), sentence) for start, end, sentence in found)
    for start, end, sentence in spans:
        if start < position or end > len(text):
            continue
        pieces += [Piece(mask(text[position:start])), Piece(mask(text[start:end]), sentence)]
        position = end
    return [piece for piece in [*pieces, Piece(mask(text[position:]))] if piece.text]


def _grown(start: int, end: int, addresses: list[tuple[int, int]]) -> tuple[int, int]:
    touched = [(first, last) for first, last in addresses if first < end and start < last]
    return min([start, *(first for first, _ in touched)]), max([end, *(last for _, last in touched)])
