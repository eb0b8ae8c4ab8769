"""What is switched off is not owed, and does not leave if it was owed before."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import Contact, User
from forum.models import Delivery, Subscription
from forum.notifications import mails
from forum.posts import submit
from forum.preferences import lists
from forum.preferences.mailbox import Mailbox
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Kind = Subscription.Kind


def chosen(user: User) -> set[str]:
    """Return the lists that the person gets now."""
    return {choice.kind.value for choice in lists.list_choices(Mailbox.of_member(user)) if choice.is_on}


def only(user: User, *wanted: Subscription.Kind) -> None:
    """Switch on these lists, and no other."""
    Contact.objects.for_user(user)
    mailbox = Mailbox.of_member(user)
    for choice in lists.list_choices(mailbox):
        lists.switch(mailbox, choice.kind, on=choice.kind in wanted)


def owed(user: User) -> set[str]:
    """Return the kinds of mail that the person is owed."""
    rows = Delivery.objects.filter(recipient__user=user).exclude(state=Delivery.State.CANCELLED)
    return set(rows.values_list("kind", flat=True))


EVERYBODY = {"decisions", "replies", "answers", "digest"}


@pytest.mark.parametrize(
    ("make", "begins"),
    [
        (factories.person, set()),
        (factories.moderator, {"queue", "escalation"}),
        (factories.physician, {"opinion", "routed", "claims", "desk"}),
        (factories.checker, {"checkers"}),
    ],
)
def test_each_role_begins_with_its_lists(make: Any, begins: set[str]) -> None:
    assert chosen(make()) == EVERYBODY | begins


def test_no_word_of_decisions_for_who_wants_none() -> None:
    member = factories.person()
    only(member, Kind.REPLIES)
    factories.published("Shall I rest?", user=member)
    assert owed(member) == set()
    only(member, Kind.REPLIES, Kind.DECISIONS)
    factories.published("Shall I walk?", user=member)
    assert owed(member) == {"received", "published"}


def test_no_word_of_replies_for_who_wants_none() -> None:
    member = factories.person()
    question = factories.published("Shall I rest?", user=member)
    only(member, Kind.DECISIONS)
    factories.decide(submit.submit(factories.draft("Yes.", question=question)), Move.PUBLISH)
    assert "reply" not in owed(member)
    only(member, Kind.DECISIONS, Kind.REPLIES)
    factories.decide(submit.submit(factories.draft("No.", question=question)), Move.PUBLISH)
    assert "reply" in owed(member)


def test_what_was_owed_before_does_not_leave_either() -> None:
    member = factories.person()
    factories.published("Shall I rest?", user=member)
    delivery = Delivery.objects.get(recipient__user=member, kind="published")
    assert mails.compose(delivery)
    only(member)
    with pytest.raises(mails.NotWanted, match="wants no such mail"):
        mails.compose(Delivery.objects.get(pk=delivery.pk))


def test_a_mail_about_a_members_reply_can_be_stopped_by_its_link() -> None:
    """One click, without a cookie (RFC 8058): then nothing of what becomes of their posts is mailed any more."""
    member, question = factories.person(), factories.published()
    factories.decide(submit.submit(factories.draft("Yes.", user=member, question=question)), Move.PUBLISH)
    mail = mails.compose(Delivery.objects.get(recipient__user=member, kind="published"))
    assert mail.headers["List-Id"].startswith("<your-posts.") and "List-Unsubscribe-Post" in mail.headers
    link = urlsplit(mail.headers["List-Unsubscribe"].strip("<>")).path
    program = Visitor(enforce_csrf_checks=True, HTTP_REFERER="")
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert owed(member) == set() and "decisions" not in chosen(member)
    factories.decide(submit.submit(factories.draft("No.", user=member, question=question)), Move.PUBLISH)
    assert owed(member) == set()
