"""What people do on a site of any size: the same requests, made to a small and to a large database."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache, caches
from django.utils import timezone

from accounts.models import User
from forum import deadlines, tasks
from forum.models import LogEntry, Post
from forum.moderation import expiry, yearly_numbers
from forum.privacy import retention
from forum.states import Move
from tests.support.visitors import Visitor, question_form


@dataclass
class Place:
    """A filled database, and a moderator who has signed in to it."""

    waiting: int
    decided: int

    def __post_init__(self) -> None:
        moderator = User.objects.filter(name__startswith="Moderator ").earliest("pk")
        self.moderator = Visitor(moderator)
        self.number = moderator.pk
        self.member = Visitor(User.objects.get(name="Member 5"))
        self.reader = Visitor()
        # The first public question after the waiting posts: many of the replies are to it.
        self.first_question = -(-self.waiting // 300) * 300 + 1

    def post(self, number: int) -> str:
        """Return the public id of the post with that number."""
        return f"p{1_000_000_000 + number}"

    @property
    def middle(self) -> str:
        """A post in the middle of the queue."""
        return self.post(self.waiting // 2)

    @property
    def public_middle(self) -> str:
        """A public question in the middle of all."""
        hundreds = self.decided // 200 // 3 * 3
        return self.post(self.first_question + 100 * hundreds)

    @property
    def busy(self) -> str:
        """The question with a thirtieth of all posts as replies."""
        return self.post(self.first_question)

    @property
    def long_ago(self) -> str:
        """A day two years back, as the filters of the log want it."""
        return (timezone.now() - timedelta(days=730)).date().isoformat()


Operation = Callable[[Place], Any]


def look(path: str, who: str = "moderator") -> Operation:
    """Return the operation that reads a page; what stands in braces is an attribute of Place."""

    def operation(place: Place) -> None:
        for kept in caches.all():
            kept.clear()
        filled = re.sub(r"\{(\w+)\}", lambda found: str(getattr(place, found[1])), path)
        response = getattr(place, who).get(filled, follow=True)
        assert response.status_code == 200, (filled, response.status_code)

    return operation


def decide(move: str, number: int, **fields: str) -> Operation:
    """Return the operation that decides on a waiting post, by the form of its page."""

    def operation(place: Place) -> None:
        form = {"version": 1, "move": move, **fields}
        response = place.moderator.post(f"/moderation/{place.post(number)}/decide/", form)
        assert response.status_code == 302, response.status_code
        assert LogEntry.objects.filter(post=number, version=2, move=move).exists()

    return operation


def undo(place: Place) -> None:
    """Publish a post, and take that back."""
    decide("publish", 51)(place)
    response = place.moderator.post(f"/moderation/{place.post(51)}/undo/", {"version": 2})
    assert response.status_code == 302
    assert LogEntry.objects.filter(post=51, move=Move.UNDO).exists()


def bulk(place: Place) -> None:
    """Mark five posts as spam at once."""
    chosen = [f"{place.post(number)}:1" for number in (60, 61, 62, 63, 64)]
    assert place.moderator.post("/moderation/bulk/", {"chosen": chosen, "move": "spam"}).status_code == 200
    assert LogEntry.objects.filter(post__in=range(60, 65), move=Move.SPAM).count() == 5


def claim(place: Place) -> None:
    """Take a post before deciding on it."""
    assert place.moderator.post(f"/moderation/{place.post(52)}/claim/").status_code < 400


def ask(place: Place) -> None:
    """Send a question in as a guest."""
    before = Post.objects.latest("id").pk
    assert place.reader.post("/questions/ask/", question_form()).status_code == 302
    assert Post.objects.latest("id").pk > before


def ask_as_member(place: Place) -> None:
    """Send a question in as somebody who has written hundreds."""
    before = Post.objects.latest("id").pk
    assert place.member.post("/questions/ask/", question_form()).status_code == 302
    assert Post.objects.latest("id").pk > before


def count_the_year(place: Place) -> None:
    """Count one year for the public page, as the hourly round does."""
    yearly_numbers.count(timezone.now().year - 1)


def read_the_year(place: Place) -> None:
    """Read the public page of what was counted."""
    for year in yearly_numbers.years():
        cache.set(f"numbers-of:{year}", EMPTY_YEAR)
    assert place.reader.get("/moderation-in-numbers/").status_code == 200


EMPTY_YEAR = {"day": "", "decisions": {}, "reasons": {}, "held": 0, "site": {}, "reports": {}, "median": None}

QUEUE: dict[str, Operation] = {
    "the queue": look("/moderation/"),
    "its next page, in the middle": look("/moderation/?from={middle}"),
    "the page before that": look("/moderation/?to={middle}"),
    "only what a rule held": look("/moderation/?rule=link"),
    "only under an article": look("/moderation/?article=scale-1"),
    "only by guests": look("/moderation/?author=guest"),
    "only by members": look("/moderation/?author=member"),
    "only what has waited long": look("/moderation/?days=20"),
    "only what a physician is asked about": look("/moderation/?asked=physician"),
    "only what nobody is asked about": look("/moderation/?asked=nobody"),
    "one post": look("/moderation/p1000000005/"),
    "a claim": claim,
    "publish": decide("publish", 50),
    "publish a member’s": decide("publish", 51),
    "send back": decide("return", 50, reason="Please leave out the name."),
    "reject": decide("reject", 50, reason="It sells something."),
    "spam": decide("spam", 50),
    "ask a physician": decide("ask-physician", 50, reason="Is that dose right?"),
    "publish, and undo": undo,
    "spam, five at once": bulk,
    "what the clock tells": lambda _place: tasks.lateness(),
    "a mail of what is overdue": lambda place: deadlines.for_moderator(place.number),
}
RECORD: dict[str, Operation] = {
    "the log": look("/moderation/log/"),
    "the log, in the middle": look("/moderation/log/?before=500"),
    "the log, by kind": look("/moderation/log/?move=spam"),
    "the log, by a kind that never was": look("/moderation/log/?move=sanction"),
    "the log, by person": look("/moderation/log/?by={number}"),
    "the log, by person and kind": look("/moderation/log/?by={number}&move=reject"),
    "the log, up to a day": look("/moderation/log/?until={long_ago}"),
    "the log, by kind up to a day": look("/moderation/log/?until={long_ago}&move=remove"),
    "the numbers, read": read_the_year,
}
PUBLIC: dict[str, Operation] = {
    "the questions": look("/questions/", "reader"),
    "the questions, in the middle": look("/questions/?from={public_middle}", "reader"),
    "an article": look("/articles/scale-1/", "reader"),
    "a question": look("/posts/{public_middle}/", "reader"),
    "the feed": look("/feeds/questions/", "reader"),
    "a private status page": look("/p/s1000000005/", "reader"),
    "a question is sent in": ask,
    "a member sends one in": ask_as_member,
}
# These read all that waits, or what happened in weeks, or what is to be forgotten: not more as the site grows older.
BROAD: dict[str, Operation] = {
    "search among all that waits": look("/moderation/?q=better"),
    "two filters and a later page": look("/moderation/?author=guest&rule=link&from={middle}"),
    "only one name": look("/moderation/?name=Person+4"),
    "search for what is rare": look("/moderation/?q=number+77+better"),
    "only what a rare rule held": look("/moderation/?rule=shouting"),
    "a busy question": look("/posts/{busy}/", "reader"),
    "the dashboard": look("/moderation/dashboard/"),
    "its CSV": look("/moderation/dashboard.csv"),
    "forgetting texts": lambda _place: retention.purge_texts(),
    "reminders": lambda _place: expiry.remind(),
    "expiry": lambda _place: expiry.expire(),
}
