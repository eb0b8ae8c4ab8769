"""Answers by mail become posts, once and only from whom we had written to; everything else is refused or ignored."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from forum.models import Delivery, InboundMail, Post, ReplyAddress
from forum.notifications import mails
from forum.states import Move, State
from tests import factories
from tests.forum.inbound.letters import OWN_WORDS, answerable, mail, send, told

pytestmark = pytest.mark.django_db

Outcome = InboundMail.Outcome
ASKER = "asker@guests.test"


def replies() -> list[Post]:
    return list(Post.objects.exclude(question=None))


def refusals() -> list[str]:
    return [row.stored["why"] for row in Delivery.objects.filter(kind=Delivery.Kind.REFUSED) if row.stored]


def test_a_guests_answer_waits_for_a_moderator_as_one_from_the_form() -> None:
    question, address = answerable()
    assert send(mail(ASKER), address) == Outcome.TAKEN
    [reply] = replies()
    assert (reply.question, reply.source, reply.name, reply.state) == (question, OWN_WORDS, "Wren", State.PENDING)
    assert reply.contact == question.contact, "a second contact would be asked to confirm, and told of its own reply"
    assert not Delivery.objects.filter(kind=Delivery.Kind.CONFIRM, post=reply).exists()
    row = InboundMail.objects.get()
    assert (row.outcome, row.post, row.contact) == (Outcome.TAKEN, reply, question.contact)


def test_nobody_is_told_of_their_own_answer() -> None:
    question, address = answerable()
    send(mail(ASKER), address)
    [reply] = replies()
    factories.decide(reply, Move.PUBLISH)
    assert not Delivery.objects.filter(kind=Delivery.Kind.REPLY, recipient=question.contact).exists()


def test_a_members_answer_is_theirs() -> None:
    member = factories.person("Mina", address="mina@members.test")
    question = factories.published(user=member)
    from forum.notifications.delivery import return_paths

    assert send(mail("Mina@members.test"), return_paths.reply_to(told(question))) == Outcome.TAKEN
    [reply] = replies()
    assert (reply.author, reply.name) == (member, "Mina")


def test_the_same_mail_again_makes_nothing() -> None:
    _question, address = answerable()
    message = mail(ASKER)
    assert [send(message, address) for _ in range(3)] == [Outcome.TAKEN] * 3
    assert len(replies()) == 1 and InboundMail.objects.count() == 1


def test_a_fault_after_the_post_is_made_does_not_make_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    _question, address = answerable()
    message = mail(ASKER)
    with monkeypatch.context() as broken:
        broken.setattr(InboundMail.objects, "get_or_create", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(message, address)
    assert send(message, address) == Outcome.TAKEN
    assert len(replies()) == 1 and InboundMail.objects.get().post == replies()[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; type=vacation"},
        {"Precedence": "bulk"},
        {"List_Id": "<friends.example.org>"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"Subject": "Automatic reply: Your question is public now"},
        {"Subject": "=?utf-8?q?R=C3=A9ponse_automatique?="},
        {"Return_Path": "<>"},
        {"X_Loop": "yes"},
    ],
)
def test_no_post_from_a_machine(headers: dict[str, Any]) -> None:
    _question, address = answerable()
    assert send(mail(ASKER, **headers), address) == Outcome.DROPPED
    assert not replies() and not refusals()


@pytest.mark.parametrize("author", ["no-reply@testserver", "reply@in.testserver", "MAILER-DAEMON@mx.testserver"])
def test_no_post_from_ourselves_or_a_mail_server(author: str) -> None:
    _question, address = answerable()
    assert send(mail(author), address) == Outcome.DROPPED
    assert not replies() and not refusals()


def test_no_post_without_an_envelope_sender() -> None:
    _question, address = answerable()
    assert send(mail(ASKER), address, sender="") == Outcome.DROPPED
    assert not replies()


def test_another_address_is_refused_and_the_owner_told_not_the_stranger() -> None:
    question, address = answerable()
    assert send(mail("stranger@elsewhere.test"), address) == Outcome.REFUSED
    assert not replies() and refusals() == ["other-address"]
    owed = Delivery.objects.get(kind=Delivery.Kind.REFUSED)
    assert owed.recipient == question.contact and "from another e-mail address" in mails.compose(owed).text


def test_a_refusal_is_explained_once_a_day() -> None:
    _question, address = answerable()
    for _ in range(3):
        assert send(mail("stranger@elsewhere.test"), address) == Outcome.REFUSED
    assert refusals() == ["other-address"]
    Delivery.objects.filter(kind=Delivery.Kind.REFUSED).update(created_at=timezone.now() - timedelta(hours=25))
    send(mail("stranger@elsewhere.test"), address)
    assert refusals() == ["other-address"] * 2


def test_an_address_ends() -> None:
    _question, address = answerable()
    ReplyAddress.objects.update(expires_at=timezone.now())
    assert send(mail(ASKER), address) == Outcome.REFUSED
    assert not replies() and refusals() == ["expired"]


def test_no_answer_to_what_is_not_public_any_more() -> None:
    question, address = answerable()
    factories.decide(question, Move.REMOVE)
    assert send(mail(ASKER), address) == Outcome.REFUSED
    assert not replies() and refusals() == ["gone"]


@pytest.mark.parametrize(("text", "why"), [("\n> only a quote\n", "empty"), ("word " * 1_100, "too-long")])
def test_what_cannot_be_a_post_is_explained(text: str, why: str) -> None:
    _question, address = answerable()
    assert send(mail(ASKER, text), address) == Outcome.REFUSED
    assert not replies() and refusals() == [why]


def test_a_token_of_nobody_is_dropped() -> None:
    assert send(mail(ASKER), f"reply+{'0' * 32}@in.testserver") == Outcome.DROPPED
    assert send(mail(ASKER), "somebody@in.testserver") == Outcome.DROPPED
    assert not replies() and not refusals()


def members_answer(*, proven: bool, physician: bool = False) -> Post:
    """Return what becomes of a trusted member's or a physician's answer."""
    make = factories.physician if physician else factories.person
    member = make("Mina", address="mina@members.test")
    for _ in range(3):
        factories.published(user=member)
    question = factories.published()
    from accounts.models import Contact
    from forum.notifications.delivery import return_paths

    note = told(question)
    note.recipient = Contact.objects.for_user(member)
    send(mail("mina@members.test", proven=proven), return_paths.reply_to(note))
    [reply] = replies()
    return reply


@pytest.mark.parametrize(
    ("proven", "physician", "state"),
    [
        (True, False, State.PUBLISHED),
        (False, False, State.PENDING),
        (True, True, State.PENDING),
        (False, True, State.PENDING),
    ],
)
def test_what_no_moderator_need_read(settings: Any, proven: bool, physician: bool, state: State) -> None:
    """A trusted member whose mail is proven; nobody else: a second factor is more than a mail can show."""
    settings.MODERATION_POLICY = "trust-members"
    reply = members_answer(proven=proven, physician=physician)
    assert reply.state == state
    assert [hold.rule for hold in reply.holds.all()] == ([] if state == State.PUBLISHED else ["by-mail"])
    assert (reply.credential is not None) == physician
