"""Several replies in one mail, by the site's own functions and the real composer: each is told once, or not at all."""

from typing import Any

import pytest
from django.core.mail import EmailMessage

from forum.models import Delivery, Post
from forum.notifications.delivery import send
from forum.states import Move
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State


@pytest.fixture
def replies(settings: Any, mailoutbox: list[EmailMessage]) -> list[Post]:
    """Two replies to one question, both due to its asker."""
    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    settings.MAIL_TRANSPORT_OPTIONS = {}
    settings.UNDO_SECONDS = 0
    question = factories.published("Pump or tablets?", address="asker@guests.test")
    factories.confirmed(question)
    mailoutbox.clear()
    Delivery.objects.all().delete()
    return [factories.published(f"Reply {n}", question=question, address=f"{n}@guests.test") for n in (1, 2)]


def told(mailoutbox: list[EmailMessage]) -> dict[str, str]:
    """Send what the asker is owed; return the state of each reply's delivery by the reply's public id."""
    for delivery in Delivery.objects.filter(kind=Delivery.Kind.REPLY).order_by("pk"):
        send.deliver(delivery.pk)
    rows = Delivery.objects.filter(kind=Delivery.Kind.REPLY).select_related("post")
    return {row.post.public_id: row.state for row in rows if row.post}


def test_one_mail_tells_both(replies: list[Post], mailoutbox: list[EmailMessage]) -> None:
    first, second = replies
    assert told(mailoutbox) == {first.public_id: State.SENT, second.public_id: State.SENT}
    (mail,) = [mail for mail in mailoutbox if mail.to == ["asker@guests.test"]]
    assert f"/posts/{first.public_id}/" in mail.body
    assert f"/posts/{second.public_id}/" in mail.body
    assert mail.subject == "There is news on your question"


@pytest.mark.parametrize("gone", [0, 1])
def test_what_is_gone_is_left_out_and_the_other_is_told(
    gone: int, replies: list[Post], mailoutbox: list[EmailMessage]
) -> None:
    """Also when it is the one that the mail is named after."""
    taken, kept = replies[gone], replies[1 - gone]
    Post.objects.filter(pk=taken.pk).update(state="withdrawn")
    assert told(mailoutbox) == {taken.public_id: State.CANCELLED, kept.public_id: State.SENT}
    (mail,) = [mail for mail in mailoutbox if mail.to == ["asker@guests.test"]]
    assert f"/posts/{kept.public_id}/" in mail.body
    assert taken.public_id not in mail.body
    assert mail.subject == "There is a reply to your question"


def test_nothing_leaves_when_all_is_gone(replies: list[Post], mailoutbox: list[EmailMessage]) -> None:
    for reply in replies:
        factories.decide(reply, Move.REMOVE)
    assert set(told(mailoutbox).values()) == {State.CANCELLED}
    assert not [mail for mail in mailoutbox if mail.to == ["asker@guests.test"] and "repl" in mail.subject]
