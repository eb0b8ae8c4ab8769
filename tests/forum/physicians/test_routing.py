"""Moderators route a question: its topic, and whom they ask for an answer."""

from typing import Any

import pytest

from forum.models import Delivery, DeskQuestion, LogEntry, Post, Topic
from forum.notifications import mails, outbox, subscriptions
from forum.states import Act, Move
from tests import factories
from tests.forum.views.desk.desk import Desk, answer, words
from tests.forum.views.desk.desk import topic as desk_topic
from tests.support.visitors import Visitor, ordinary_site, summary  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
Kind = Delivery.Kind


def route(question: Post, by: Visitor | None = None, **fields: Any) -> Any:
    """Send the form."""
    by = by or Visitor(factories.moderator())
    return by.post(f"/moderation/{question.public_id}/route/", fields)


def routed() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=Kind.ROUTED).exclude(state="cancelled"))


def test_topic_and_physician_are_kept_logged_and_shown() -> None:
    desk, moderator = Desk(factories.physician("Olga")), factories.moderator("Mo")
    topic, question = desk_topic(), factories.published()
    visitor = Visitor(moderator)
    assert "Dr Olga, Neurology" in visitor.get(f"/moderation/{question.public_id}/route/").text
    assert route(question, visitor, topic=topic.pk, physician=desk.physician.pk).status_code == 302
    row = DeskQuestion.objects.get()
    assert row.is_asked_for and row.routed_to == desk.physician
    entry = LogEntry.objects.get(move=Act.ROUTE)
    assert (entry.actor, entry.subject, entry.post) == (moderator, desk.physician, None)
    assert entry.details == {
        "question": question.public_id,
        "topic": [None, "bladder-and-bowel"],
        "asked_for": [False, True],
    }
    assert "routed a question to" in visitor.get("/moderation/log/").text
    question.refresh_from_db()
    for page in (visitor.get(question.get_absolute_url()), visitor.get("/questions/"), desk.get("/desk/")):
        assert "Bladder and bowel</" in page.text
    assert "a moderator asks you for an answer" in words(desk.get("/desk/")).lower()


def test_the_named_physician_is_mailed_once_and_nobody_else() -> None:
    olga, question = factories.physician("Olga"), factories.published()
    factories.physician("Other")
    visitor = Visitor(factories.moderator())
    for _ in range(2):
        route(question, visitor, physician=olga.pk)
    [delivery] = routed()
    assert delivery.recipient.user == olga and LogEntry.objects.filter(move=Act.ROUTE).count() == 1
    assert f"/desk/{question.public_id}/" in mails.compose(delivery).text
    route(question, visitor, ask="on", topic=desk_topic().pk)
    assert len(routed()) == 1


def test_a_held_question_is_mailed_about_when_it_is_published(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    olga, question = factories.physician("Olga"), factories.pending()
    moderator = factories.moderator()
    route(question, physician=olga.pk)
    assert not routed() and not Desk(olga).get("/desk/").text.count("post-title")
    question.refresh_from_db()
    entry = factories.decide(question, Move.PUBLISH, by=moderator)
    [delivery] = routed()
    assert delivery.next_attempt_at == outbox.settled_at(entry) and DeskQuestion.objects.get().is_asked_for
    from forum.moderation import undoing

    undoing.undo(question, actor=moderator, version=question.version)
    assert not routed()
    factories.decide(question, Move.PUBLISH, by=moderator)
    assert len(routed()) == 1


def test_what_is_no_longer_true_is_not_mailed() -> None:
    olga, other, question = factories.physician("Olga"), factories.physician("Other"), factories.published()
    route(question, physician=olga.pk)
    [delivery] = routed()
    answer(question, other)
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)
    second = factories.published()
    route(second, physician=olga.pk)
    delivery = routed()[-1]
    route(second, physician=other.pk)
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)


def test_nobody_is_mailed_about_their_own_act() -> None:
    both = factories.physician("Both")
    both.groups.add(*factories.moderator().groups.all())
    question = factories.published()
    route(question, Visitor(both), physician=both.pk)
    assert not routed() and DeskQuestion.objects.get().routed_to == both


def test_who_has_unsubscribed_is_not_mailed() -> None:
    olga = factories.physician("Olga")
    route(factories.published(), physician=olga.pk)
    [delivery] = routed()
    assert delivery.subscription
    subscriptions.end(delivery.subscription)
    route(factories.published(), physician=olga.pk)
    assert not routed()


def test_routed_to_nobody_any_more() -> None:
    olga, question = factories.physician("Olga"), factories.published()
    visitor = Visitor(factories.moderator())
    route(question, visitor, physician=olga.pk)
    assert route(question, visitor).status_code == 302
    row = DeskQuestion.objects.get()
    assert not row.is_asked_for and row.routed_to is None


@pytest.mark.parametrize(
    "fields", [{"topic": "x"}, {"topic": "999999"}, {"physician": "x"}, {"physician": "999999999999999999999"}]
)
def test_what_is_not_offered(fields: dict[str, str]) -> None:
    question = factories.published()
    page = route(question, None, **fields)
    assert page.status_code == 422 and summary(page) and not LogEntry.objects.filter(move=Act.ROUTE).exists()


def test_neither_members_lapsed_physicians_nor_the_asker_are_offered() -> None:
    asker = factories.physician("Asker")
    question = factories.published(user=asker)
    for user in (factories.person(), factories.physician("Lapsed", days=-1), asker):
        assert route(question, physician=user.pk).status_code == 422


def test_a_topic_that_is_not_offered_any_more_stays_where_it_is() -> None:
    topic, question = desk_topic(), factories.published()
    Post.objects.filter(pk=question.pk).update(topic=topic)
    Topic.objects.filter(pk=topic.pk).update(is_active=False)
    assert route(question, topic=topic.pk, ask="on").status_code == 302
    assert route(factories.published(), topic=topic.pk).status_code == 422


@pytest.mark.parametrize("move", [Move.REJECT, Move.SPAM, Move.RETURN])
def test_what_is_not_on_its_way_to_the_public_cannot_be_routed(move: Move) -> None:
    question = factories.pending()
    factories.decide(question, move)
    assert route(question, ask="on").status_code == 409 and not DeskQuestion.objects.exists()


def test_a_reply_is_not_routed() -> None:
    reply = factories.published(question=factories.published())
    assert route(reply, ask="on").status_code == 404
