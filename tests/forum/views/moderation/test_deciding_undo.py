"""Taking a decision back from the pages, within ten minutes."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from forum.models import Delivery, Post
from forum.states import Move, State
from tests import factories
from tests.forum.views.moderation.desk import by_htmx, decide, fresh, words
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


@pytest.fixture(autouse=True)
def ten_minutes(settings: Any) -> None:
    """As on the real site."""
    settings.UNDO_SECONDS = 600


def undo(visitor: Visitor, post: Post, version: int | str | None = None) -> Any:
    """Press the undo button."""
    version = fresh(post).version if version is None else version
    return visitor.post(f"/moderation/{post.public_id}/undo/", {"version": version})


@pytest.mark.parametrize("move", [Move.PUBLISH, Move.RETURN, Move.REJECT, Move.SPAM])
def test_a_decision_is_undone_from_the_queue_and_its_mail_stopped(move: Move) -> None:
    post = factories.pending("Undo me?")
    factories.confirmed(post)
    visitor = Visitor(factories.moderator("Mo"))
    decide(visitor, post, move, reason="Because.")
    page = words(visitor.get("/moderation/"))
    assert "Your last decision: you" in page and "Undo me?" in page and f"/moderation/{post.public_id}/undo/" in page
    done = undo(visitor, post)
    assert done["Location"] == f"/moderation/{post.public_id}/" and fresh(post).state == State.PENDING
    owed = Delivery.objects.filter(post=post).exclude(kind__in=("confirm", "received"))
    assert {delivery.state for delivery in owed} <= {"cancelled"}
    assert "Your last decision" not in words(visitor.get("/moderation/"))


def test_a_text_published_with_parts_left_out_comes_back_whole() -> None:
    post = factories.pending("Ask Dr Smith about *it*.")
    visitor = Visitor(factories.moderator())
    decide(visitor, post, "mask", others="Dr Smith")
    assert "Smith" not in fresh(post).html
    assert undo(visitor, post).status_code == 302
    restored = fresh(post)
    assert restored.source == "Ask Dr Smith about *it*." and "<em>it</em>" in restored.html
    assert restored.revision == 1 and "Smith" in restored.title and restored.digest == post.digest


def test_several_decisions_are_undone_one_after_the_other_last_first() -> None:
    visitor = Visitor(factories.moderator())
    first, second = factories.pending("First?"), factories.pending("Second?")
    decide(visitor, first, "publish")
    decide(visitor, second, "spam")
    assert "you marked it as spam, “Second?”" in words(visitor.get("/moderation/"))
    undo(visitor, second)
    assert "you published it, “First?”" in words(visitor.get("/moderation/"))


def test_after_ten_minutes_the_page_explains_and_nothing_changes() -> None:
    post = factories.pending()
    visitor = Visitor(factories.moderator("Mo"))
    decide(visitor, post, "publish")
    with time_machine.travel(timezone.now() + timedelta(seconds=601)):
        assert "/undo/" not in visitor.get(f"/moderation/{post.public_id}/").text
        page = undo(visitor, post)
    assert page.status_code == 409 and "too late" in words(page) and "Mo published it" in words(page)
    assert fresh(post).state == State.PUBLISHED


@pytest.mark.parametrize("version", ["", "x", "0", "1", "99", "9" * 40, "\0"])
def test_an_undo_of_another_version_changes_nothing(version: str) -> None:
    post = factories.pending()
    visitor = Visitor(factories.moderator())
    decide(visitor, post, "publish")
    page = undo(visitor, post, version)
    assert page.status_code == 409 and "the post has changed since" in words(page)
    assert fresh(post).state == State.PUBLISHED


def test_what_happened_since_is_named() -> None:
    post = factories.pending()
    visitor = Visitor(factories.moderator())
    decide(visitor, post, "publish")
    factories.decide(fresh(post), Move.REMOVE, by=factories.moderator("Ada First"))
    page = undo(visitor, post, 2)
    assert page.status_code == 409 and "Ada First removed it" in words(page)


def test_a_colleague_can_undo_and_the_posts_page_says_whose_decision_it_is() -> None:
    post = factories.pending()
    decide(Visitor(factories.moderator("Ada First")), post, "reject", reason="No.")
    other = Visitor(factories.moderator())
    page = words(other.get(f"/moderation/{post.public_id}/"))
    assert "Ada First decided not to publish it. Nobody is mailed before" in page
    assert "Your last decision" not in words(other.get("/moderation/"))
    assert undo(other, post).status_code == 302 and fresh(post).state == State.PENDING


def test_the_script_gets_the_card_back() -> None:
    post = factories.pending("Back again?")
    visitor = Visitor(factories.moderator())
    decide(visitor, post, "publish")
    answer = by_htmx(visitor, f"/moderation/{post.public_id}/undo/", {"version": 2})
    assert answer.status_code == 200 and f'id="card-{post.public_id}"' in answer.text and "<html" not in answer.text
    assert json.loads(answer["HX-Trigger"])["undone"] == {"said": "Undone. 1 left."}
    late = by_htmx(visitor, f"/moderation/{post.public_id}/undo/", {"version": 2})
    assert late.status_code == 409 and late["HX-Retarget"] == "#last-decision" and "<html" not in late.text


def test_without_a_window_nothing_is_offered(settings: Any) -> None:
    settings.UNDO_SECONDS = 0
    post = factories.pending()
    visitor = Visitor(factories.moderator())
    decide(visitor, post, "publish")
    assert "/undo/" not in visitor.get("/moderation/").text and undo(visitor, post).status_code == 409
