"""/me/notifications/: what is switched off is not owed, and does not leave if it was owed before."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from accounts.models import Contact, User
from forum import choices, posting
from forum.models import Delivery, Subscription
from forum.notifications import mails
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Kind = Subscription.Kind


def chosen(user: User) -> set[str]:
    """Return the lists that the person gets now."""
    return {choice.kind.value for choice in choices.of(user) if choice.is_on}


def owed(user: User) -> set[str]:
    """Return the kinds of mail that the person is owed."""
    rows = Delivery.objects.filter(recipient__user=user).exclude(state=Delivery.State.CANCELLED)
    return set(rows.values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("make", "begins"),
    [
        (factories.person, {"decisions", "replies"}),
        (factories.moderator, {"decisions", "replies", "queue"}),
        (factories.physician, {"decisions", "replies", "opinion", "routed", "desk"}),
        (factories.checker, {"decisions", "replies", "checkers"}),
    ],
)
def test_each_role_begins_with_its_lists(make: Any, begins: set[str]) -> None:
    assert chosen(make()) == begins


def test_boxes_are_stored_and_shown_again() -> None:
    moderator = factories.moderator()
    visitor = Visitor(moderator)
    page = visitor.post("/me/notifications/", {"wanted": ["replies", "urgent"]}, follow=True).text
    assert "Your choice is saved" in page
    assert chosen(moderator) == {"replies", "urgent"}
    assert 'value="urgent" id="id_wanted_3" checked' in page.replace("\n", " ")
    visitor.post("/me/notifications/", {"wanted": ["queue"]})
    assert chosen(moderator) == {"queue"}


def test_nobody_joins_a_list_of_another_role() -> None:
    member = factories.person()
    page = Visitor(member).post("/me/notifications/", {"wanted": ["queue"]})
    assert page.status_code == 422 and "not there any more" in page.text
    assert not Subscription.objects.filter(kind="queue", contact__user=member).exists()


def test_no_word_of_decisions_for_who_wants_none() -> None:
    member = factories.person()
    choices.save(member, {Kind.REPLIES})
    factories.published("Shall I rest?", user=member)
    assert owed(member) == set()
    choices.save(member, {Kind.REPLIES, Kind.DECISIONS})
    factories.published("Shall I walk?", user=member)
    assert owed(member) == {"received", "published"}


def test_no_word_of_replies_for_who_wants_none() -> None:
    member = factories.person()
    question = factories.published("Shall I rest?", user=member)
    choices.save(member, {Kind.DECISIONS})
    factories.decide(posting.submit(factories.draft("Yes.", question=question)), Move.PUBLISH)
    assert "reply" not in owed(member)
    choices.save(member, {Kind.DECISIONS, Kind.REPLIES})
    factories.decide(posting.submit(factories.draft("No.", question=question)), Move.PUBLISH)
    assert "reply" in owed(member)


def test_what_was_owed_before_does_not_leave_either() -> None:
    member = factories.person()
    factories.published("Shall I rest?", user=member)
    delivery = Delivery.objects.get(recipient__user=member, kind="published")
    assert mails.compose(delivery)
    choices.save(member, set())
    with pytest.raises(mails.NotWanted, match="wants no such mail"):
        mails.compose(Delivery.objects.get(pk=delivery.pk))


def test_stopping_everything_ends_lists_and_questions() -> None:
    moderator = factories.moderator()
    question = factories.published("Shall I rest?", user=moderator)
    page = Visitor(moderator).post("/me/notifications/", {"all": "off"}, follow=True).text
    assert "no more mail" in page
    assert chosen(moderator) == set()
    assert not Subscription.objects.active().filter(contact__user=moderator).exists()
    assert not Subscription.objects.active().filter(post=question).exists()
    # The safety of the account is another matter: that mail has no list.
    assert Contact.objects.get(user=moderator).is_confirmed


def test_choices_cost_the_same_for_few_and_many_followed(django_assert_max_num_queries: Any) -> None:
    member = factories.person()
    for number in range(10):
        factories.published(f"Is {number} there?", user=member)
    visitor = Visitor(member)
    with django_assert_max_num_queries(8):
        assert visitor.get("/me/notifications/").status_code == 200


def test_a_mail_about_a_members_reply_can_be_stopped_by_its_link() -> None:
    """One click, without a cookie (RFC 8058): then nothing of what becomes of their posts is mailed any more."""
    member, question = factories.person(), factories.published()
    factories.decide(posting.submit(factories.draft("Yes.", user=member, question=question)), Move.PUBLISH)
    mail = mails.compose(Delivery.objects.get(recipient__user=member, kind="published"))
    assert mail.headers["List-Id"].startswith("<your-posts.") and "List-Unsubscribe-Post" in mail.headers
    link = urlsplit(mail.headers["List-Unsubscribe"].strip("<>")).path
    program = Visitor(enforce_csrf_checks=True, HTTP_REFERER="")
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert owed(member) == set() and "decisions" not in chosen(member)
    factories.decide(posting.submit(factories.draft("No.", user=member, question=question)), Move.PUBLISH)
    assert owed(member) == set()
