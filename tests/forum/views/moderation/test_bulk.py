"""Several posts at once: each is decided by itself, and each is answered for."""

from typing import Any

import pytest

from forum.models import LogEntry, Post, Reason
from forum.moderation import bulk, claims
from forum.posts import submit, transitions
from forum.states import Move, State
from tests import factories
from tests.forum.views.moderation.desk import fresh, words
from tests.support.visitors import Visitor, ordinary_site, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def chosen(*posts: Post) -> list[str]:
    """Return what the check boxes of these posts send."""
    return [f"{post.public_id}:{post.version}" for post in posts]


def send(visitor: Visitor, values: list[str], move: str = "publish", **fields: str) -> Any:
    """Send the form at the end of the queue."""
    return visitor.post("/moderation/bulk/", {"chosen": values, "move": move, **fields})


def test_each_post_is_answered_for_and_one_bad_one_stops_nobody(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    me, ada = factories.moderator("Mo"), factories.moderator("Ada First")
    good, decided, claimed, gone, last = (factories.pending(f"{name}?") for name in ("Good", "D", "C", "G", "Last"))
    own = factories.pending("Mine?", user=me)
    values = ["nosuchpost:1", *chosen(good, decided, claimed, gone, own, last), f"{good.public_id}:1", "\0:1", "x"]
    factories.decide(fresh(decided), Move.SPAM, by=ada)
    claims.claim_post(claimed, ada)
    submit.withdraw(fresh(gone), actor=None, version=1)
    page = send(Visitor(me), values)
    text = words(page)
    assert page.status_code == 200 and "“Publish”: 2 of 9 done" in text
    assert [fresh(post).state for post in (good, decided, claimed, gone, own, last)] == [
        State.PUBLISHED,
        State.SPAM,
        State.PENDING,
        State.WITHDRAWN,
        State.PENDING,
        State.PUBLISHED,
    ]
    for said in (
        "There is no such post.",
        "Ada First marked it as spam at",
        "Ada First has it open until",
        f"{gone.name} withdrew it at",
        "You wrote this post yourself",
    ):
        assert said in text
    assert text.count(">Undo<") == 2 and LogEntry.objects.filter(move="publish", actor=me).count() == 2


def test_a_failure_nobody_expected_is_reported_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = factories.pending("First?"), factories.pending("Second?")
    real = transitions.move

    def failing(post: Post, *args: Any, **kwargs: Any) -> LogEntry:
        if post.pk == first.pk:
            raise RuntimeError("the disk is full")
        return real(post, *args, **kwargs)

    monkeypatch.setattr(transitions, "move", failing)
    page = send(Visitor(factories.moderator()), chosen(first, second))
    assert "An error occurred" in words(page) and "disk" not in page.text
    assert (fresh(first).state, fresh(second).state) == (State.PENDING, State.PUBLISHED)


def test_an_old_version_is_not_decided_on() -> None:
    post = factories.pending("Old?")
    values = chosen(post)
    submit.edit(fresh(post), "New?", actor=None, version=1)
    assert "changed it at" in words(send(Visitor(factories.moderator()), values)) and fresh(post).state == State.PENDING


def test_sending_back_takes_a_reason_from_the_library() -> None:
    Reason.objects.create(code="long", move="return", title="Too long", text="Please make it shorter.")
    post, visitor = factories.pending("Long?"), Visitor(factories.moderator())
    again = send(visitor, chosen(post), "return")
    assert again.status_code == 422 and "Choose a reason for “Send back”" in words(again)
    assert f'name="chosen" value="{post.public_id}:1"' in again.text and fresh(post).state == State.PENDING
    assert send(visitor, chosen(post), "return", reason_code="long").status_code == 200
    entry = LogEntry.objects.latest("pk")
    assert (entry.reason, entry.reason_code) == ("Please make it shorter.", "long")
    assert send(visitor, chosen(factories.pending()), "reject", reason_code="long").status_code == 422


@pytest.mark.parametrize(
    ("values", "said"),
    [([], "Choose at least one post"), ([f"id{n}:1" for n in range(bulk.BATCH_SIZE + 1)], "at most 50")],
)
def test_none_or_too_many(values: list[str], said: str) -> None:
    page = send(Visitor(factories.moderator()), values)
    assert page.status_code == 422 and said in words(page)


@pytest.mark.parametrize("move", ["", "remove", "mask", "keep", "undo", "ask-physician", "\0"])
def test_only_four_decisions_are_made_on_several(move: str) -> None:
    post = factories.pending()
    assert send(Visitor(factories.moderator()), chosen(post), move).status_code == 422
    assert fresh(post).state == State.PENDING


def test_every_card_of_the_queue_can_be_chosen_but_ones_own() -> None:
    me = factories.moderator()
    post, own = factories.pending(), factories.pending(user=me)
    page = Visitor(me).get("/moderation/").text
    assert f'value="{post.public_id}:1" form="bulk"' in page and f'value="{own.public_id}:1"' not in page
