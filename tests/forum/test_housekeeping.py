"""What is forgotten, and when (DESIGN 4, promise 7)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Contact, User
from forum.models import Delivery, Post, Subscription
from forum.notifications import housekeeping
from forum.states import Move
from tests import factories

pytestmark = pytest.mark.django_db


def later(days: float) -> Any:
    """Go on that many days."""
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=True)


def address_of(post: Post) -> str:
    """Return what is still known of a guest's address."""
    return Contact.objects.get(posts=post).address


def test_an_address_never_confirmed_is_forgotten_after_a_fortnight_and_its_mail_dropped() -> None:
    post = factories.published()
    with later(13):
        housekeeping.run()
        assert address_of(post)
    with later(15):
        housekeeping.run()
    assert not address_of(post)
    assert not Contact.objects.get(posts=post).address_key
    assert not Delivery.objects.filter(recipient=post.contact, state=Delivery.State.PARKED).exists()
    assert Post.objects.get(pk=post.pk).is_public, "the post stays"


def test_a_confirmed_address_is_kept_as_long_as_it_serves() -> None:
    waiting, followed = factories.pending(), factories.published()
    for post in (waiting, followed):
        factories.confirmed(post)
    Delivery.objects.update(state=Delivery.State.SENT)
    with later(60):
        housekeeping.run()
    assert address_of(waiting)
    assert address_of(followed)
    with later(366):
        housekeeping.run()
    assert address_of(waiting), "its author has not heard the outcome yet"
    assert not address_of(followed), "a year of replies is enough"


def test_a_reply_s_address_is_forgotten_once_its_author_knows_the_outcome() -> None:
    question = factories.published()
    reply = factories.pending(question=question)
    factories.confirmed(reply)
    factories.decide(reply, Move.PUBLISH)
    housekeeping.run()
    assert address_of(reply), "the mail has not left yet"
    Delivery.objects.filter(recipient=reply.contact).update(state=Delivery.State.SENT)
    housekeeping.run()
    assert not address_of(reply)


def test_a_question_gone_for_good_is_no_longer_followed() -> None:
    post = factories.pending()
    factories.confirmed(post)
    factories.decide(post, Move.REJECT)
    housekeeping.run()
    assert Subscription.objects.get(post=post).is_active, "the mail that says why must still leave"
    Delivery.objects.update(state=Delivery.State.SENT)
    with later(4):
        housekeeping.run()
    assert not address_of(post)


def test_unfinished_sign_ups_and_old_sessions_go_and_members_stay() -> None:
    member = factories.person()
    unfinished = User.objects.create_user("Never Confirmed")
    EmailAddress.objects.create(user=unfinished, email="never@members.test", verified=False, primary=True)
    Session.objects.create(session_key="old", session_data="x", expire_date=timezone.now() + timedelta(days=1))
    housekeeping.run()
    assert User.objects.filter(pk=unfinished.pk).exists()
    with later(15):
        housekeeping.run()
    assert list(User.objects.all()) == [member]
    assert not EmailAddress.objects.filter(email="never@members.test").exists()
    assert not Session.objects.exists()
