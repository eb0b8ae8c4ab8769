"""Who follows an article or a topic hears of new questions there: once, at their pace, and never of their own."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from articles.models import Article
from forum.models import Delivery, Post, Subscription, Topic
from forum.notifications import mails, outbox, subscriptions
from forum.physicians import routing
from forum.posts import transitions
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import topic as made_topic

pytestmark = pytest.mark.django_db
Kind = Subscription.Kind
Pace = Subscription.Pace
State = Delivery.State


@pytest.fixture(autouse=True)
def _time_to_undo(settings: Any) -> None:
    settings.UNDO_SECONDS = 600


def follower(*, article: Article | None = None, topic: Topic | None = None, pace: Pace = Pace.AT_ONCE) -> User:
    """Return a member who follows the article and the topic, as far as they are given."""
    member = factories.person()
    contact = Contact.objects.for_user(member)
    if article:
        subscriptions.follow(contact, Kind.ARTICLE, article=article)
    if topic:
        subscriptions.follow(contact, Kind.TOPIC, topic=topic)
    subscriptions.change_pace(Subscription.objects.filter(contact=contact), pace)
    return member


def topics() -> list[Topic]:
    return [made_topic("bladder-and-bowel"), made_topic("walking")]


def route(question: Post, topic: Topic) -> None:
    """Say what the question is about, as a moderator does."""
    question.refresh_from_db()
    routing.route(question, routing.Route(topic), actor=factories.moderator())


def news_of(member: User) -> list[Delivery]:
    """Return what the member is owed of new questions."""
    return list(Delivery.objects.filter(kind="news", recipient__user=member).exclude(state=State.CANCELLED))


@pytest.mark.parametrize(
    ("follows_article", "follows_topic", "routed", "mails"),
    [
        (True, False, "before", 1),
        (False, True, "before", 1),
        (False, True, "after", 1),
        (False, True, "elsewhere", 0),
        (True, True, "before", 1),
        (True, True, "after", 1),
        (False, False, "before", 0),
    ],
)
def test_a_new_question_is_told_once(follows_article: bool, follows_topic: bool, routed: str, mails: int) -> None:
    article, (topic, other) = factories.article(), topics()
    member = follower(article=article if follows_article else None, topic=topic if follows_topic else None)
    question = factories.pending(article=article)
    if routed == "before":
        route(question, topic)
    factories.decide(question, Move.PUBLISH)
    if routed != "before":
        route(question, topic if routed == "after" else other)
    assert len(news_of(member)) == mails


def test_a_topic_that_comes_and_goes_is_told_once() -> None:
    topic, other = topics()
    member, question = follower(topic=topic), factories.published()
    for wanted in (topic, other, topic):
        route(question, wanted)
    assert len(news_of(member)) == 1


def test_nobody_is_told_of_their_own_question_nor_of_what_they_did() -> None:
    article = factories.article()
    author, moderator, reader = follower(article=article), factories.moderator(), follower(article=article)
    subscriptions.follow(Contact.objects.for_user(moderator), Kind.ARTICLE, article=article)
    factories.published(article=article, user=author, by=moderator)
    assert (news_of(author), news_of(moderator)) == ([], [])
    assert len(news_of(reader)) == 1


def test_a_reply_is_no_news_of_the_article() -> None:
    article = factories.article()
    question = factories.published(article=article)
    member = follower(article=article)
    factories.published(question=question)
    assert news_of(member) == []


@pytest.mark.parametrize(
    ("pace", "bundle"), [(Pace.AT_ONCE, "thread:"), (Pace.DAILY, "digest"), (Pace.WEEKLY, "digest")]
)
def test_news_leaves_at_the_pace_that_was_chosen(pace: Pace, bundle: str) -> None:
    article = factories.article()
    member = follower(article=article, pace=pace)
    factories.published(article=article)
    (delivery,) = news_of(member)
    assert delivery.entry and delivery.bundle.startswith(bundle)
    assert delivery.next_attempt_at == outbox.next_digest(pace, outbox.settled_at(delivery.entry))


def test_who_follows_both_is_told_at_the_faster_pace() -> None:
    article, (topic, _other) = factories.article(), topics()
    member = follower(article=article, topic=topic, pace=Pace.WEEKLY)
    subscriptions.change_pace(Subscription.objects.filter(topic=topic), Pace.AT_ONCE)
    question = factories.pending(article=article)
    route(question, topic)
    factories.decide(question, Move.PUBLISH)
    (delivery,) = news_of(member)
    assert delivery.subscription and delivery.subscription.kind == "topic"


@pytest.mark.parametrize("end", ["withdrawn", "removed", "undone", "stopped", "routed elsewhere"])
def test_what_is_no_longer_so_is_not_told(end: str) -> None:
    topic, other = topics()
    member, question = follower(topic=topic), factories.pending(user=factories.person())
    route(question, topic)
    entry = factories.decide(question, Move.PUBLISH)
    (delivery,) = news_of(member)
    if end == "withdrawn":
        factories.transition(question, Move.WITHDRAW, actor=question.author)
    if end == "removed":
        factories.decide(question, Move.REMOVE)
    if end == "undone":
        assert entry.actor
        transitions.undo(question, actor=entry.actor, version=entry.version)
    if end == "stopped":
        subscriptions.end(Subscription.objects.get(contact__user=member))
    if end == "routed elsewhere":
        route(question, other)
    delivery = Delivery.objects.with_everything().get(pk=delivery.pk)
    if delivery.state != State.CANCELLED:
        with pytest.raises(mails.NotWanted):
            mails.compose(delivery)


def test_published_undone_and_published_again_is_told_once() -> None:
    article = factories.article()
    member, question, moderator = follower(article=article), factories.pending(article=article), factories.moderator()
    entry = factories.decide(question, Move.PUBLISH, by=moderator)
    transitions.undo(question, actor=moderator, version=entry.version)
    assert news_of(member) == []
    question.refresh_from_db()
    factories.decide(question, Move.PUBLISH, by=moderator)
    (delivery,) = news_of(member)
    assert delivery.state == State.OWED and delivery.last_error == ""


def test_several_questions_leave_as_one_mail() -> None:
    article = factories.article()
    member = follower(article=article)
    questions = [factories.published(article=article) for _ in range(2)]
    first, second = news_of(member)
    Delivery.objects.filter(pk=second.pk).update(state=State.GATHERED, gathered_into=first)
    mail = mails.compose(Delivery.objects.with_everything().get(pk=first.pk))
    assert mail.subject == "New questions have been asked" and "2 new questions" in mail.text
    assert all(f"/posts/{question.public_id}/" in mail.text for question in questions)


def test_many_followers_cost_no_more_queries(django_assert_max_num_queries: Any) -> None:
    article, moderator = factories.article(), factories.moderator()
    for _ in range(12):
        follower(article=article)
    question = factories.pending(article=article)
    with django_assert_max_num_queries(40):
        factories.decide(question, Move.PUBLISH, by=moderator)
    assert Delivery.objects.filter(kind="news").count() == 12


# --- Another pace


def reply_owed(member: User) -> Delivery:
    return Delivery.objects.select_related("entry").get(kind="reply", recipient__user=member)


@pytest.mark.parametrize("before", list(Pace))
@pytest.mark.parametrize("after", list(Pace))
def test_what_is_owed_already_goes_along_with_a_new_pace(before: Pace, after: Pace) -> None:
    member = factories.person()
    question = factories.published(user=member)
    followed = Subscription.objects.filter(contact__user=member, kind=Kind.THREAD)
    subscriptions.change_pace(followed, before)
    factories.published(question=question)
    subscriptions.change_pace(followed, after)
    delivery, subscription = reply_owed(member), followed.get()
    assert subscription.pace == after and delivery.entry
    assert delivery.bundle == (f"thread:{subscription.pk}" if after == Pace.AT_ONCE else "digest")
    # Not before the decision is settled.
    assert delivery.next_attempt_at == outbox.next_digest(after, outbox.settled_at(delivery.entry))


@pytest.mark.parametrize(
    ("state", "attempts"), [(State.RETRYING, 1), (State.SENDING, 1), (State.OWED, 1), (State.SENT, 1)]
)
def test_what_may_have_been_handed_over_stays_as_it_is(state: State, attempts: int) -> None:
    member = factories.person()
    question = factories.published(user=member)
    factories.published(question=question)
    later = timezone.now() + timedelta(minutes=3)
    Delivery.objects.filter(pk=reply_owed(member).pk).update(state=state, attempts=attempts, next_attempt_at=later)
    subscriptions.change_pace(Subscription.objects.filter(contact__user=member), Pace.DAILY)
    delivery = reply_owed(member)
    assert (delivery.bundle[:7], delivery.next_attempt_at) == ("thread:", later)


def test_what_is_followed_next_begins_at_the_chosen_pace() -> None:
    contact = Contact.objects.for_user(factories.person())
    Subscription.objects.create(contact=contact, kind=Kind.DIGEST, pace=Pace.WEEKLY)
    question = factories.published(user=contact.user)
    assert Subscription.objects.get(contact=contact, post=question).pace == Pace.WEEKLY
    assert subscriptions.follow(contact, Kind.ARTICLE, article=factories.article()).pace == Pace.WEEKLY
    assert subscriptions.follow(contact, Kind.REPLIES).pace == Pace.AT_ONCE, "a list has no pace of what is followed"
