"""Transitions: all of a move or nothing of it, and never trust for a typed address."""

from typing import Any

import pytest

from accounts.conflicts import Conflict
from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post
from forum.notifications import announce
from forum.posts import submit
from forum.states import MOVES, Move, State
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("move", [Move.PUBLISH, Move.RETURN, Move.SPAM])
def test_a_decision_that_fails_half_way_has_not_happened(monkeypatch: pytest.MonkeyPatch, move: Move) -> None:
    post, moderator = factories.pending(), factories.moderator()
    before = (LogEntry.objects.count(), Delivery.objects.count())

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the mail could not be owed")

    monkeypatch.setattr(announce, "announce", fail)
    with pytest.raises(RuntimeError):
        factories.transition(post, move, actor=moderator, reason="Because.")
    fresh = Post.objects.get(pk=post.pk)
    assert (fresh.state, fresh.version) == (State.PENDING, 1)
    assert (LogEntry.objects.count(), Delivery.objects.count()) == before


@pytest.mark.parametrize("state", list(State))
def test_a_post_moves_only_as_the_table_says(state: State) -> None:
    moderator = factories.moderator()
    for move, (sources, target) in MOVES.items():
        if move == Move.SUBMIT:
            continue
        post = factories.pending()
        Post.objects.filter(pk=post.pk).update(state=state)
        post.refresh_from_db()
        if state in sources:
            factories.transition(post, move, actor=moderator, reason="Because.")
            assert Post.objects.get(pk=post.pk).state == target
        else:
            with pytest.raises(Conflict):
                factories.transition(post, move, actor=moderator, reason="Because.")
            assert Post.objects.get(pk=post.pk).state == state


def test_typing_a_confirmed_address_gains_nothing() -> None:
    """Neither the confirmation nor the mail of somebody else's post; their owner is not written to about this one."""
    owner = factories.published("Is this mine?", address="owner@guests.test")
    factories.confirmed(owner)
    other = factories.published("Is this somebody else's?", address="owner@guests.test", name="Mallory")
    assert other.contact_id != owner.contact_id
    contact = Contact.objects.get(posts=other)
    assert not contact.is_confirmed
    owed = Delivery.objects.filter(recipient=contact, state=Delivery.State.OWED)
    assert [delivery.kind for delivery in owed] == [Delivery.Kind.CONFIRM]


def test_a_member_s_address_typed_by_a_guest_leads_nowhere_near_the_member() -> None:
    member = factories.person(address="member@members.test")
    post = factories.published("Who am I?", address="member@members.test")
    assert post.author_id is None
    assert not Delivery.objects.filter(recipient__user=member).exists()


def test_confirmations_to_one_address_are_few() -> None:
    """Nobody can use the site to fill a stranger's mailbox."""
    for number in range(6):
        submit.submit(factories.draft(f"Question {number}?", address="stranger@guests.test"))
    assert Delivery.objects.filter(kind=Delivery.Kind.CONFIRM).count() == 3


def test_a_rule_that_fails_holds_the_post(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    from forum.rules import Rule, registry

    settings.MODERATION_POLICY = "trust-members"
    member = factories.person()
    for number in ("first", "second", "third"):
        factories.published(f"The {number} one?", user=member)
    assert factories.pending("The fourth one?", user=member).state == State.PUBLISHED

    def fails(*_arguments: Any) -> list[Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(registry, "RULES", (*registry.RULES, Rule("fails", "Failing", "Fails.", fails)))
    held = factories.pending("The fifth one?", user=member)
    assert held.state == State.PENDING
    assert [hold.rule for hold in held.holds.all()] == ["broken-rule"]
