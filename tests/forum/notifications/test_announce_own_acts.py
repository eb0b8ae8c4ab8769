"""Nobody gets mail about what they did themselves: each event, done by somebody who would be told of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import roles
from accounts.models import Contact, User
from forum import tasks
from forum.models import Delivery, Post, Subscription
from forum.notifications import mails, outbox
from forum.physicians import claims, routing
from forum.posts import submit, transitions
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import topic

pytestmark = pytest.mark.django_db
List = Subscription.Kind
EMERGENCY = "My pump has stopped and I have a high fever, what now?"


def both(name: str = "") -> User:
    """Return somebody with every role, who wants to hear of everything."""
    person = factories.physician(name, days=30)  # may ask for it again
    person.groups.set(Group.objects.filter(name__in=(roles.MODERATORS, roles.PHYSICIANS, roles.CHECKERS)))
    outbox.follow(Contact.objects.for_user(person), List.URGENT)
    return person


def replied(person: User) -> None:
    question = factories.published(user=person)
    submit.submit(factories.draft("An answer of my own.", question=question, user=person))


def corrected(person: User) -> None:
    question = factories.published(user=person)
    reply = submit.submit(factories.draft("An answer of my own.", question=question, user=person))
    change = submit.weigh(reply, "A better answer of my own.")
    submit.save(change, actor=person, version=reply.version, tell=True)


def asked_where_they_follow(person: User) -> None:
    outbox.follow(Contact.objects.for_user(person), List.TOPIC, topic=topic())
    question = factories.pending(user=person)
    Post.objects.filter(pk=question.pk).update(topic=topic())
    factories.decide(Post.objects.get(pk=question.pk), Move.PUBLISH)


def waited_too_long(person: User) -> None:
    post = factories.pending(user=person)
    Post.objects.filter(pk=post.pk).update(waiting_since=timezone.now() - timedelta(days=3))
    tasks.lateness()


def asked_physicians(person: User) -> None:
    transitions.move(factories.pending(), Move.ASK_PHYSICIAN, actor=person, version=1)


def routed_to_themselves(person: User) -> None:
    routing.route(factories.published(), routing.Route(None, True, person), actor=person)


def let_go(person: User) -> None:
    question = factories.published()
    claims.claim_question(question, person)
    claims.release(question, person)
    tasks.lateness()


ACTS: list[tuple[Callable[[User], object], str]] = [
    (lambda person: factories.pending(user=person), "queue"),
    (lambda person: factories.pending(EMERGENCY, user=person), "urgent"),
    (waited_too_long, "escalation"),
    (replied, "answer"),
    (corrected, "answer"),
    (asked_where_they_follow, "news"),
    (asked_physicians, "opinion"),
    (routed_to_themselves, "routed"),
    (let_go, "claim"),
    (lambda person: factories.asked(person), "checkers"),
    (lambda person: submit.withdraw(factories.published(user=person), actor=person, version=2), "removed"),
]


def told(kind: str, person: User) -> list[Delivery]:
    """Return what of the kind leaves to the person."""
    found = []
    for row in Delivery.objects.with_everything().filter(kind=kind, recipient__user=person, state="owed"):
        try:
            mails.compose(row)
            found.append(row)
        except mails.NotWanted:
            pass
    return found


@pytest.mark.parametrize(("act", "kind"), ACTS)
def test_nobody_is_told_of_their_own_act(act: Callable[[User], object], kind: str) -> None:
    doer = both("Dora")
    act(doer)
    assert not told(kind, doer)


@pytest.mark.parametrize(
    ("act", "kind"), [row for row in ACTS if row[1] in {"queue", "urgent", "escalation", "checkers"}]
)
def test_the_others_are(act: Callable[[User], object], kind: str) -> None:
    doer, other = both("Dora"), both("Olga")
    act(doer)
    assert told(kind, other)
