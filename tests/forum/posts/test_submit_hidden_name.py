"""“Do not show my name on this post”: nobody but moderators can tell who wrote it."""

import re

import pytest

from accounts.models import HIDDEN_NAME, Contact
from forum.models import Post, Subscription
from forum.notifications import mails, subscriptions
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
NAME = "Melusine Member"
BOX = "Do not show my name on this post"


def form(**fields: str) -> dict[str, str]:
    values = question_form(hide_name="on", **fields)
    return {name: value for name, value in values.items() if name not in {"name", "email"}}


def test_nobody_reads_the_name_and_moderators_can_find_out() -> None:
    member = factories.person(NAME)
    assert BOX in Visitor(member).get("/questions/ask/").text
    asked = factories.published("Who answers this one, please?")
    factories.confirmed(asked)
    Visitor(member).post("/questions/ask/", form(article=factories.article().slug))
    Visitor(member).post(f"/questions/{asked.public_id}/reply/", form(text="I would ask for a test dose."))
    posts = list(Post.objects.filter(author=member))
    assert len(posts) == 2 and {(post.name, post.is_name_hidden) for post in posts} == {(HIDDEN_NAME, True)}
    moderator = Visitor(factories.moderator())
    for post in posts:
        card = moderator.get(f"/moderation/{post.public_id}/").text
        assert "a member who hides their name here" in card
        assert NAME in moderator.get(f"/moderation/people/by-post/{post.public_id}/", follow=True).text
        factories.decide(post, Move.PUBLISH)
        urls = [post.get_absolute_url(), "/questions/", "/", "/feeds/questions/", f"/posts/{post.public_id}/helped/"]
        for url in urls:
            for visitor in (Visitor(), Visitor(factories.physician())):
                assert NAME not in visitor.get(url).text, url
    reply = next(post for post in posts if post.question_id)
    delivery = asked.subscriptions.get().contact.deliveries.get(post=reply)
    mail = mails.compose(delivery)
    assert HIDDEN_NAME in mail.text and NAME not in mail.text + mail.html


def test_guests_choose_their_own_name_and_physicians_answer_under_theirs() -> None:
    assert BOX not in Visitor().get("/questions/ask/").text
    guest = factories.pending(hide_name=True)
    doctor = factories.physician("Ada")
    question = factories.published()
    assert BOX not in Visitor(doctor).get(question.get_absolute_url()).text
    Visitor(doctor).post(f"/questions/{question.public_id}/reply/", form(text="Ask your team."))
    reply = Post.objects.get(author=doctor)
    assert [(post.name, post.is_name_hidden) for post in (guest, reply)] == [(guest.name, False), ("Dr Ada", False)]
    assert guest.name != HIDDEN_NAME
    assert BOX in Visitor(doctor).get("/questions/ask/").text


def test_the_box_stays_ticked_when_something_is_wrong_with_the_form() -> None:
    page = Visitor(factories.person()).post("/questions/ask/", form(text=""))
    assert page.status_code == 422
    (box,) = re.findall(r'<input [^>]*name="hide_name"[^>]*>', page.text)
    assert " checked" in box


def test_following_ones_own_hidden_question_tells_nobody() -> None:
    member = factories.person(NAME)
    question = factories.published("Who answers this one, please?", user=member, hide_name=True)
    contact = Contact.objects.for_user(factories.person())
    subscriptions.follow(contact, Subscription.Kind.THREAD, question)
    assert NAME not in Visitor(contact.user).get("/me/").text
