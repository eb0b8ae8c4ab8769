"""RFC 8058: of every list, one POST without cookie or token of a form ends just that list, for that person alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery, Subscription, Topic
from forum.moderation import expiry
from forum.notifications import events, mails, subscriptions
from forum.states import Move
from tests import factories
from tests.forum.notifications.mail_samples import Kind, compose, owed
from tests.support.visitors import Visitor, ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
List = Subscription.Kind
FOLLOWED: dict[List, Callable[[], dict[str, Any]]] = {
    List.THREAD: lambda: {"post": factories.published()},
    List.ARTICLE: lambda: {"article": factories.article()},
    List.TOPIC: lambda: {"topic": Topic.objects.all()[0]},
}
# Answers to what the person has just done, and what is about their account.
TRANSACTIONAL = {event.mail for event in events.EVENTS if not event.stopped_by}
ON_LISTS = [kind for kind in Kind if kind not in TRANSACTIONAL]


def everything() -> dict[int, Any]:
    """Return how every subscription stands: when it ended, its pace, and whose mail is without text."""
    rows = Subscription.objects.values_list("pk", "ended_at", "pace", "contact__links_only")
    return {pk: rest for pk, *rest in rows}


def mail_program() -> Visitor:
    """Return what presses the mail program's own button: no cookie, no page of ours behind it."""
    return Visitor(enforce_csrf_checks=True, HTTP_REFERER="")


def two_people_on_every_list() -> tuple[Contact, Contact]:
    """Return two contacts that both get all lists and follow the same things."""
    followed = {kind: make() for kind, make in FOLLOWED.items()}
    first, second = (Contact.objects.for_user(factories.person()) for _ in range(2))
    for contact in (first, second):
        for kind in List:
            subscriptions.follow(contact, kind, **followed.get(kind, {}))
    return first, second


@pytest.mark.parametrize("kind", list(List))
def test_one_post_ends_one_list_of_one_person(kind: Subscription.Kind) -> None:
    mine, _others = two_people_on_every_list()
    subscription, before = Subscription.objects.get(contact=mine, kind=kind), everything()
    path = f"/unsubscribe/{subscription.token}/"
    looking = Visitor()
    assert (looking.get(path).status_code, looking.head(path).status_code) == (200, 200)
    assert [getattr(looking, verb)(path).status_code for verb in ("put", "delete", "patch")] == [405] * 3
    assert everything() == before, "looking changes nothing"
    assert mail_program().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    after = everything()
    assert {pk for pk in after if after[pk] != before[pk]} == {subscription.pk}
    # Pressed twice, by hand or by a program, it is the same.
    assert mail_program().post(path).status_code == 200
    assert everything() == after


def test_a_token_is_good_for_nothing_else_and_no_other_token_will_do() -> None:
    mine, _others = two_people_on_every_list()
    token, before = Subscription.objects.filter(contact=mine)[0].token, everything()
    for page in ("mail-choices", "confirm", "p", "your-data", "erasure", "reports"):
        assert mail_program().post(f"/{page}/{token}/", {"all": "off"}).status_code in (403, 404, 405)
    for wrong in (mine.token, token[:-1], token.swapcase(), "x"):
        assert mail_program().post(f"/unsubscribe/{wrong}/").status_code == 404
    assert everything() == before


@pytest.mark.parametrize("kind", ON_LISTS)
@pytest.mark.parametrize("as_reply", [False, True])
def test_every_mail_of_a_list_can_be_stopped_by_its_headers(kind: Delivery.Kind, as_reply: bool) -> None:
    delivery = owed(kind, as_reply=as_reply)
    mail = mails.compose(delivery)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Id"].startswith("<")
    link = urlsplit(mail.headers["List-Unsubscribe"].strip("<>"))
    assert link.scheme == "https" and not link.query
    before = everything()
    assert mail_program().post(link.path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    after = everything()
    (ended,) = [pk for pk in after if after[pk] != before[pk]]
    subscription = Subscription.objects.get(pk=ended)
    assert subscription.contact == delivery.recipient
    stops = next(event.stopped_by for event in events.EVENTS if event.mail == kind)
    assert subscription.kind in stops
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.with_everything().get(pk=delivery.pk))


@pytest.mark.parametrize("kind", sorted(events.TO_FOLLOWERS))
def test_a_summary_can_be_stopped_by_its_headers(kind: str) -> None:
    delivery = owed(Kind(kind))
    Delivery.objects.filter(pk=delivery.pk).update(bundle=Delivery.DIGEST)
    delivery = Delivery.objects.with_everything().get(pk=delivery.pk)
    mail = mails.compose(delivery)
    assert mail.headers["List-Id"].startswith("<summaries.")
    before = everything()
    path = urlsplit(mail.headers["List-Unsubscribe"].strip("<>")).path
    assert mail_program().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    after = everything()
    (ended,) = [pk for pk in after if after[pk] != before.get(pk)]
    subscription = Subscription.objects.get(pk=ended)
    assert (subscription.kind, subscription.contact) == (List.DIGEST, delivery.recipient)
    with pytest.raises(mails.NotWanted, match="no summaries"):
        mails.compose(Delivery.objects.with_everything().get(pk=delivery.pk))


@pytest.mark.parametrize("kind", sorted(TRANSACTIONAL - {Kind.ACCOUNT}))
def test_what_answers_a_person_is_of_no_list(kind: Delivery.Kind) -> None:
    assert not [name for name in compose(Kind(kind)).headers if name.startswith("List-")]


@pytest.mark.parametrize("whose", ["guest", "member"])
def test_the_reminder_about_a_reply_can_be_stopped_too(whose: str, settings: Any) -> None:
    """By the real round of the hour: nobody follows their own reply, so its list is that of all their posts."""
    author: dict[str, Any] = {"user": factories.person()} if whose == "member" else {}
    reply = factories.pending(question=factories.published(), **author)
    factories.decide(reply, Move.RETURN)
    with time_machine.travel(timezone.now() + timedelta(days=settings.RETURNED_DAYS / 2 + 1), tick=False):
        assert expiry.remind() == 1
    delivery = Delivery.objects.get(kind=Kind.REMINDER)
    assert delivery.subscription and delivery.subscription.kind == List.DECISIONS
