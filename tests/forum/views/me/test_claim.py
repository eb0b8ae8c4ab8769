"""Guests become members: only their own posts, only from addresses that both sides have confirmed, and once."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Contact
from forum.models import Delivery, DeskQuestion, Post, Subscription
from forum.moderation import undoing
from forum.posts import guest_posts, submit, transitions
from forum.privacy import requests
from forum.privacy.subject import Subject
from forum.states import Move
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form, written  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ADDRESS = "ann@guests.test"


def guests(text: str = "Shall I rest?", address: str = ADDRESS, *, confirmed: bool = True, **fields: Any) -> Post:
    """Return a guest's question from the address."""
    post = factories.pending(text, name="Ann", address=address, **fields)
    if confirmed:
        factories.confirmed(post)
    return post


def send(visitor: Visitor, *posts: Post, answer: str = "mine") -> Any:
    """Tick the posts and press the button."""
    return visitor.post("/me/claim/", {"chosen": [post.public_id for post in posts], "answer": answer})


def test_a_member_is_offered_what_came_from_their_address_and_takes_it_over() -> None:
    post = guests()
    member = factories.person("Ann Member", address=ADDRESS)
    visitor = Visitor(member)
    assert "One post was written as a guest" in visitor.get("/me/").text
    assert "Shall I rest?" in visitor.get("/me/claim/").text
    assert send(visitor, post).status_code == 302
    post.refresh_from_db()
    assert post.author == member and post.contact == Contact.objects.get(user=member)
    assert post.name == "Ann", "the name stays as it was written"
    page = visitor.get("/me/").text
    assert "Shall I rest?" in page and "written as a guest" not in page
    assert not Contact.objects.filter(user=None, address_key__gt="").exists(), "the guest's address is forgotten"


def test_mail_and_follows_go_to_the_member() -> None:
    post = guests()
    factories.decide(post, Move.PUBLISH)
    member = factories.person(address=ADDRESS)
    unsent = Delivery.objects.get(kind="published", post=post)
    token = post.subscriptions.get().token
    send(Visitor(member), post)
    unsent.refresh_from_db()
    assert unsent.recipient.user == member
    follow = Subscription.objects.get(post=post)
    assert follow.contact.user == member and follow.token == token, "links in mails already sent still work"
    factories.decide(submit.submit(factories.draft("Yes.", question=post)), Move.PUBLISH)
    assert Delivery.objects.filter(kind="reply", recipient__user=member).count() == 1


def test_a_question_that_the_member_follows_already_is_told_once() -> None:
    post = guests()
    factories.decide(post, Move.PUBLISH)
    member = factories.person(address=ADDRESS)
    Visitor(member).post(f"/questions/{post.public_id}/follow/")
    factories.decide(submit.submit(factories.draft("Yes.", question=post)), Move.PUBLISH)
    send(Visitor(member), post)
    unsent = Delivery.objects.filter(kind="reply").exclude(state="cancelled")
    assert [row.recipient.user for row in unsent] == [member]
    assert Subscription.objects.filter(post=post).count() == 1


def test_who_asked_as_a_guest_asks_again_as_a_member() -> None:
    """At the desk the question waits again after its asker's reply, also when that was claimed with it."""
    question = guests()
    factories.decide(question, Move.PUBLISH)
    submit.submit(factories.draft("Ask your team.", user=factories.physician(), question=question))
    assert DeskQuestion.objects.get(question=question).state == "answered"
    member = factories.person(address=ADDRESS)
    send(Visitor(member), question)
    question.refresh_from_db()
    again = submit.submit(factories.draft("And at night?", user=member, question=question))
    factories.decide(again, Move.PUBLISH)
    assert DeskQuestion.objects.get(question=question).state == "follow-up"


def test_the_reply_of_a_guest_becomes_the_askers_by_claiming_it() -> None:
    member = factories.person(address=ADDRESS)
    question = factories.published("Shall I rest?", user=member)
    submit.submit(factories.draft("Ask your team.", user=factories.physician(), question=question))
    reply = guests("And at night?", question=question)
    factories.decide(reply, Move.PUBLISH)
    assert DeskQuestion.objects.get(question=question).state == "answered"
    send(Visitor(member), reply)
    assert DeskQuestion.objects.get(question=question).state == "follow-up"


def test_a_double_click_claims_once() -> None:
    post = guests()
    visitor = Visitor(factories.person(address=ADDRESS))
    assert send(visitor, post).status_code == send(visitor, post).status_code == 302
    assert guest_posts.claim(post_author(post), [post.public_id]) == 0


def post_author(post: Post) -> Any:
    """Return who the post belongs to now."""
    post.refresh_from_db()
    return post.author


@pytest.mark.parametrize("why", ["wrong account", "not verified", "not confirmed", "not there", "another member's"])
def test_what_is_not_theirs_is_a_404_like_what_is_not_there(why: str) -> None:
    post = guests(confirmed=why != "not confirmed")
    member = factories.person(address="other@members.test" if why == "wrong account" else ADDRESS)
    if why == "not verified":
        EmailAddress.objects.filter(user=member).update(verified=False)
    if why == "another member's":
        Post.objects.filter(pk=post.pk).update(author=factories.person())
    visitor = Visitor(member)
    assert ("Shall I rest?" in visitor.get("/me/claim/").text) == (why == "not there")
    if why == "not there":
        post.public_id = "nothing234"
    before = Post.objects.values_list("author", "contact").get(pk=post.pk)
    assert send(visitor, post).status_code == 404
    assert Post.objects.values_list("author", "contact").get(pk=post.pk) == before


def test_nothing_ticked_is_said_beside_the_field() -> None:
    guests()
    page = Visitor(factories.person(address=ADDRESS)).post("/me/claim/", {"answer": "mine"})
    assert page.status_code == 422 and "Tick at least one post" in page.text


def test_not_mine_forgets_the_address_and_ends_the_offer() -> None:
    post = guests()
    factories.decide(post, Move.PUBLISH)
    visitor = Visitor(factories.person(address=ADDRESS))
    assert send(visitor, post, answer="not-mine").status_code == 302
    post.refresh_from_db()
    assert post.author is None and post.contact is not None and post.contact.address == ""
    assert "Shall I rest?" not in visitor.get("/me/claim/").text
    assert set(Delivery.objects.filter(post=post, kind="published").values_list("state", flat=True)) == {"cancelled"}


def test_what_is_about_to_be_erased_is_not_offered() -> None:
    post = guests()
    assert post.contact is not None
    requests.request_erasure(Subject.guest(post.contact.address_key), keep_posts=False)
    assert not guest_posts.claimable(factories.person(address=ADDRESS)).exists()


def test_a_moderator_does_not_decide_on_what_they_claimed() -> None:
    post = guests()
    moderator = factories.moderator(address=ADDRESS)
    send(Visitor(moderator), post)
    post.refresh_from_db()
    with pytest.raises(transitions.OwnPost):
        transitions.move(post, Move.PUBLISH, actor=moderator, version=post.version)


def test_typing_a_members_address_gains_nothing_and_tells_nothing(settings: Any) -> None:
    """The same pages for a known and an unknown address, but for what is random in them; and no trust."""
    settings.MODERATION_POLICY = "trust-members"
    member = factories.person(address=ADDRESS)
    pages = []
    for address in (ADDRESS, "unknown@guests.test"):
        answer = Visitor().post("/questions/ask/", question_form(name="Ann", email=address), follow=True)
        post = Post.objects.latest("pk")
        assert post.state == "pending" and post.author is None
        pages.append(answer.text.replace(post.status_token, "").replace(post.public_id, ""))
        assert address not in answer.text
    assert pages[0] == pages[1]
    assert not guest_posts.claimable(member).exists(), "nobody has confirmed it"


def test_the_confirm_page_offers_to_join_and_tells_nothing() -> None:
    pages = []
    factories.person(address=ADDRESS)
    for address in (ADDRESS, "unknown@guests.test"):
        post = guests(address=address, confirmed=False)
        assert post.contact is not None
        page = Visitor().post(f"/confirm/{post.contact.token}/", {"answer": "me"}).text
        assert "/accounts/signup/" in page and address not in page
        pages.append(page.replace(post.status_token, ""))
    assert pages[0] == pages[1]


def test_a_moderator_does_not_take_back_a_decision_on_what_they_have_claimed_since(settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    post = guests()
    moderator = factories.moderator(address=ADDRESS)
    factories.decide(post, Move.PUBLISH, by=moderator)
    send(Visitor(moderator), post)
    post.refresh_from_db()
    visitor = Visitor(moderator)
    button = f"/moderation/{post.public_id}/undo/"
    assert button not in visitor.get("/moderation/").text
    assert button not in visitor.get(f"/moderation/{post.public_id}/").text
    refused = visitor.post(button, {"version": post.version})
    assert refused.status_code == 403 and "A colleague decides" in refused.text
    with pytest.raises(transitions.OwnPost):
        undoing.undo(post, actor=moderator, version=post.version)
    post.refresh_from_db()
    assert post.state == "published"


def test_the_link_of_the_guests_mail_is_spent_once_the_post_is_claimed() -> None:
    """Whoever has an old mail can neither confirm nor disown what is a member's now."""
    post = guests()
    assert post.contact is not None
    link = f"/confirm/{post.contact.token}/"
    member = factories.person(address=ADDRESS)
    send(Visitor(member), post)
    assert Visitor().get(link).status_code == 410
    assert Visitor().post(link, {"answer": "not-me"}).status_code == 410
    assert post_author(post) == member and post.contact == Contact.objects.get(user=member)


@pytest.mark.parametrize("answer", ["mine", "not-mine"])
def test_the_log_says_how_many_and_names_nobody(answer: str, written: Any) -> None:  # noqa: F811
    post = guests()
    send(Visitor(factories.person("Ann Member", address=ADDRESS)), post, answer=answer)
    lines = written.getvalue()
    assert ("posts_claimed" in lines) == (answer == "mine") and ("posts_disowned" in lines) == (answer == "not-mine")
    for secret in (ADDRESS, "Ann Member", "Shall I rest?"):
        assert secret not in lines


def test_of_several_posts_only_the_ticked_ones_are_taken() -> None:
    mine, other = guests("Is it mine?"), guests("Is it another's?")
    visitor = Visitor(factories.person("Ann Member", address=ADDRESS))
    send(visitor, mine)
    offer = visitor.get("/me/claim/").text
    assert "Is it another" in offer and "Is it mine?" not in offer
    assert post_author(mine) is not None and post_author(other) is None
    assert other.contact is not None and other.contact.address == ADDRESS, "what is not ticked stays as it was"
