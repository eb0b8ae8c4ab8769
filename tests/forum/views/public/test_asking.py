"""Asking and replying: what becomes of an ordinary question, and who is owed word of it."""

from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post, Revision, Subscription
from forum.posts import transitions
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, counts, hidden, ordinary_site, question_form, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
ASK = "/questions/ask/"


def ask(visitor: Visitor, url: str = ASK, **fields: str) -> tuple[Post, Any]:
    """Send a question or a reply and return the post and the answer of the site."""
    response = visitor.post(url, question_form(**fields))
    assert response.status_code == 302
    return Post.objects.latest("pk"), response


def owed(post: Post | None, kind: str) -> list[Delivery]:
    """Return what is owed about a post."""
    return list(Delivery.objects.filter(post=post, kind=kind).order_by("pk"))


def test_a_guest_asks_under_an_article() -> None:
    article, moderators = factories.article(), [factories.moderator(), factories.moderator()]
    visitor = Visitor(enforce_csrf_checks=True)
    page = visitor.get(article.get_absolute_url())
    form = {name: hidden(page, name) for name in ("csrfmiddlewaretoken", "form_key", "article")}
    assert form["article"] == article.slug
    response = visitor.post(ASK, {**form, "name": " Pat ", "email": "pat@guests.test", "text": "Pump\r\nor tablets?"})
    post = Post.objects.get()
    assert (post.state, post.kind, post.article, post.author) == (State.PENDING, "question", article, None)
    assert (post.name, post.source, post.title) == ("Pat", "Pump\nor tablets?", "Pump or tablets?")
    assert "<br" in post.html
    assert response["Location"] == post.get_status_url()
    assert Revision.objects.get(post=post).source == post.source
    assert {hold.rule for hold in post.holds.all()} >= {"every-post", "guest", "unconfirmed"}
    entry = LogEntry.objects.get()
    assert (entry.move, entry.before, entry.after, entry.actor, entry.actor_name) == (
        "submit",
        "",
        "pending",
        None,
        "Pat",
    )
    # The guest is asked to confirm the address, and hears after that that it has arrived; each moderator is owed one
    # mail; nobody is owed anything else.
    assert post.contact and post.contact.address == "pat@guests.test" and not post.contact.is_confirmed
    assert [delivery.recipient for delivery in owed(post, "confirm")] == [post.contact]
    assert {delivery.recipient.user for delivery in owed(None, "queue")} == set(moderators)
    assert [delivery.state for delivery in owed(post, "received")] == ["parked"]
    assert Delivery.objects.count() == 4
    assert post.subscriptions.get().contact == post.contact


def test_the_status_page_after_asking_says_what_happens_next(settings: Any) -> None:
    post, response = ask(Visitor())
    page = Visitor().get(response["Location"])
    assert "is with our moderators" in page.text and settings.TYPICAL_WAIT in page.text
    assert "we have sent you a mail with a link" in page.text
    assert "pat@guests.test" not in page.text and "pat@" not in response["Location"]
    assert Visitor().get("/questions/").text.count(post.title) == 0


def test_a_member_asks_without_giving_name_or_address() -> None:
    member = factories.person("Mel")
    visitor = Visitor(member)
    page = visitor.get(ASK)
    assert 'name="email"' not in page.text and 'name="name"' not in page.text and "<strong>Mel</strong>" in page.text
    post, _ = ask(visitor, name="Somebody else", email="somebody@else.test")
    assert (post.name, post.author, post.state) == ("Mel", member, State.PENDING)
    assert post.contact == member.contact and member.contact.address == "" and member.contact.is_confirmed
    assert not owed(post, "confirm")
    assert "first-post" in {hold.rule for hold in post.holds.all()}
    assert not Contact.objects.filter(address="somebody@else.test").exists()


def test_a_question_on_its_own() -> None:
    post, _ = ask(Visitor())
    assert post.article is None


def test_typing_the_address_of_a_trusted_member_gains_nothing(settings: Any) -> None:
    settings.MODERATION_POLICY = "trust-members"
    member = factories.person("Mel", address="mel@members.test")
    for _ in range(3):  # enough to be trusted
        factories.published(user=member)
    post, _ = ask(Visitor(), email="mel@members.test", name="Mel")
    assert post.state == State.PENDING and post.author is None and post.contact != member.contact


def test_trusted_members_are_published_at_once_where_the_site_says_so(settings: Any) -> None:
    member = factories.person("Mel")
    for _ in range(3):
        factories.published(user=member)
    post, _ = ask(Visitor(member), text="Who has tried a lower dose?")
    assert post.state == State.PENDING  # the policy of a new site holds everything
    settings.MODERATION_POLICY = "trust-members"
    post, response = ask(Visitor(member), text="Who has tried a higher dose?")
    assert post.state == State.PUBLISHED and response["Location"] == post.get_status_url()
    post, _ = ask(Visitor(member), text="Look at https://example.org, is it good?")
    assert post.state == State.PENDING
    post, _ = ask(Visitor(factories.person("New")), text="And what about me?")
    assert post.state == State.PENDING


def test_moderators_are_owed_one_mail_however_many_posts_arrive() -> None:
    moderator = factories.moderator()
    for number in range(5):
        ask(Visitor(), text=f"Question number {number}?")
    assert [delivery.recipient.user for delivery in owed(None, "queue")] == [moderator]


def test_a_physicians_reply_is_public_at_once_badged_and_first() -> None:
    asker = factories.person("Ada")
    question = factories.published(user=asker)
    factories.published("A reader was faster.", question=question)
    physician = factories.physician("Phil")
    visitor = Visitor(physician)
    page = visitor.get(question.get_absolute_url())
    assert "appears at once" in page.text
    reply, response = ask(visitor, f"/questions/{question.public_id}/reply/", text="Ask for a trial dose first.")
    assert reply.state == State.PUBLISHED and reply.credential == physician.current_credential()
    assert (reply.name, reply.author) == ("Dr Phil", physician)
    assert response["Location"] == reply.get_absolute_url() == f"{question.get_absolute_url()}#post-{reply.public_id}"
    page = Visitor().get(question.get_absolute_url())
    assert page.text.count("Volunteer physician") == 1 and "Neurology" in page.text
    assert page.text.index("Ask for a trial dose") < page.text.index("A reader was faster")
    listed = Visitor().get("/questions/").text
    assert listed.index("Ask for a trial dose") < listed.index("A reader was faster")
    assert [delivery.recipient.user for delivery in owed(reply, "answer")] == [asker]
    assert not owed(reply, "received")  # public at once


def test_the_badge_stays_as_it_was_when_the_credential_lapses() -> None:
    question, physician = factories.published(), factories.physician("Phil")
    ask(Visitor(physician), f"/questions/{question.public_id}/reply/", text="An old answer.")
    physician.credentials.update(valid_until="2020-01-01", valid_from="2019-01-01", withdrawn_at=None)
    assert "Volunteer physician" in Visitor().get(question.get_absolute_url()).text
    reply, _ = ask(Visitor(physician), f"/questions/{question.public_id}/reply/", text="A new answer.")
    assert reply.state == State.PENDING and reply.credential is None and reply.name == "Phil"


@pytest.mark.parametrize("why", ["lapsed", "not yet", "withdrawn", "not in the group"])
def test_without_a_credential_in_force_a_physicians_reply_is_held(why: str) -> None:
    question = factories.published()
    physician = factories.physician("Phil", days=-1 if why == "lapsed" else 10)
    if why == "withdrawn":
        physician.credentials.update(withdrawn_at="2026-01-01T00:00Z")
    if why == "not yet":
        physician.credentials.update(valid_from="2999-01-01", valid_until="2999-02-01")
    if why == "not in the group":
        physician.groups.clear()
    visitor = Visitor(physician)
    assert "appears at once" not in visitor.get(question.get_absolute_url()).text
    reply, _ = ask(visitor, f"/questions/{question.public_id}/reply/", text="Ask for a trial dose.")
    assert reply.state == State.PENDING and reply.credential is None


def test_a_physicians_own_question_is_held_like_any_other() -> None:
    post, _ = ask(Visitor(factories.physician()))
    assert post.state == State.PENDING and post.credential is None


@pytest.mark.parametrize("text", ["Write to me: phil@clinic.example", "Ring me: +1 212 555 0123"])
def test_personal_data_in_a_physicians_reply_is_held_all_the_same(text: str) -> None:
    question = factories.published()
    reply, response = ask(
        Visitor(factories.physician()), f"/questions/{question.public_id}/reply/", text=text, told="yes"
    )
    assert reply.state == State.PENDING
    assert response["Location"] == reply.get_status_url()
    assert "phil@clinic.example" not in reply.html


@pytest.mark.parametrize("who", ["guest", "member", "moderator"])
def test_the_replies_of_everybody_else_are_held(who: str) -> None:
    question = factories.published(article=factories.article())
    user = {"guest": None, "member": factories.person(), "moderator": factories.moderator()}[who]
    reply, response = ask(Visitor(user), f"/questions/{question.public_id}/reply/", text="The same here.")
    assert (reply.state, reply.kind, reply.question) == (State.PENDING, "reply", question)
    assert reply.article == question.article
    assert response["Location"] == reply.get_status_url()
    assert "The same here" not in Visitor().get(question.get_absolute_url()).text
    assert not reply.subscriptions.exists()
    assert not owed(reply, "reply")


def test_followers_are_owed_word_of_a_reply_when_it_is_published_and_its_author_is_not() -> None:
    asker, follower, replier = factories.person(), factories.person(), factories.person()
    question = factories.published(user=asker)
    for user in (follower, replier):
        assert Visitor(user).post(f"/questions/{question.public_id}/follow/").status_code == 302
    reply, _ = ask(Visitor(replier), f"/questions/{question.public_id}/reply/", text="The same here.")
    factories.decide(reply, Move.PUBLISH)
    assert {delivery.recipient.user for delivery in owed(reply, "reply")} == {asker, follower}
    assert {delivery.recipient.user for delivery in owed(reply, "published")} == {replier}


def test_following_and_stopping() -> None:
    member, question = factories.person(), factories.published()
    visitor, url = Visitor(member), f"/questions/{question.public_id}/follow/"
    assert "Mail me when there is a new reply" in visitor.get(question.get_absolute_url()).text
    for _ in range(2):
        assert visitor.post(url)["Location"] == question.get_absolute_url()
    assert Subscription.objects.active().filter(contact__user=member, post=question).count() == 1
    assert "Stop the mails about this question" in visitor.get(question.get_absolute_url()).text
    visitor.post(url, {"stop": "1"})
    assert not Subscription.objects.active().filter(contact__user=member).exists()
    visitor.post(url)
    assert Subscription.objects.active().filter(contact__user=member, post=question).count() == 1


def test_who_follows_no_longer_is_owed_nothing() -> None:
    member = factories.person()
    question = factories.published(user=member)
    Visitor(member).post(f"/questions/{question.public_id}/follow/", {"stop": "1"})
    factories.published("A reply.", question=question)
    assert not Delivery.objects.filter(kind="reply").exists()


def test_a_guest_who_has_not_confirmed_is_owed_nothing_but_the_confirmation_until_then() -> None:
    question, _ = ask(Visitor())
    factories.decide(question, Move.PUBLISH)
    factories.published("A reply.", question=question)
    mine = Delivery.objects.filter(recipient=question.contact)
    parked = {(kind, "parked") for kind in ("received", "published", "reply")}
    assert {(d.kind, d.state) for d in mine} == {("confirm", "owed"), *parked}
    factories.confirmed(question)
    assert {d.state for d in mine.all()} == {"owed"}


def test_one_address_gets_no_more_than_its_share_of_confirmations(settings: Any) -> None:
    settings.CONFIRMATIONS_PER_ADDRESS_DAY = 2
    for number in range(4):
        ask(Visitor(), text=f"Question {number}?", email=["pat@guests.test", "PAT@guests.test"][number % 2])
    assert Delivery.objects.filter(kind="confirm").count() == 2
    ask(Visitor(), email="sam@guests.test")
    assert Delivery.objects.filter(kind="confirm").count() == 3


def test_the_same_text_sent_again_is_held_with_that_reason() -> None:
    ask(Visitor(), text="Buy my wonderful pills now!")
    post, _ = ask(Visitor(), text="buy my WONDERFUL pills, now")
    assert "repeat" in {hold.rule for hold in post.holds.all()}


def test_an_address_in_the_text_is_masked_in_the_html_and_the_title() -> None:
    post, _ = ask(Visitor(), text="Mail me at pat@guests.test please. Pump or tablets?", told="yes")
    assert "pat@" not in post.html and "pat@" not in post.title and "pat@" not in post.slug
    assert "address" in {hold.rule for hold in post.holds.all()}


def test_the_form_that_the_page_gave_can_be_sent_as_it_is() -> None:
    """Also after an error, with the article still named."""
    article = factories.article()
    page = Visitor().post(ASK, question_form(name="", article=article.slug))
    assert page.status_code == 422 and article.title in page.text
    names = ("form_key", "article", "email", "text", "website")
    form = {name: typed(page, name) if name in {"email", "text", "website"} else hidden(page, name) for name in names}
    assert Visitor().post(ASK, {**form, "name": "Pat"}).status_code == 302
    assert Post.objects.get().article == article


def test_nothing_is_published_because_a_rule_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from forum.rules import Rule, registry

    def fails(*_arguments: Any) -> list[Any]:
        raise RuntimeError

    monkeypatch.setattr(registry, "RULES", (Rule("fails", "Failing", "Fails.", fails, for_physicians=True),))
    question = factories.published()
    reply, _ = ask(Visitor(factories.physician()), f"/questions/{question.public_id}/reply/", text="An answer.")
    assert reply.state == State.PENDING and "broken-rule" in {hold.rule for hold in reply.holds.all()}


def test_get_changes_nothing() -> None:
    article, question = factories.article(), factories.published()
    member = Visitor(factories.person())
    before = counts()
    for url in ("/", ASK, f"{ASK}?article={article.slug}", article.get_absolute_url(), question.get_absolute_url()):
        for visitor in (Visitor(), member):
            assert visitor.get(url).status_code == 200
    assert counts() == before


def test_the_feed_reads_no_markdown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading is cheap: the feed shows the HTML that was stored, without its tags."""
    from articles.text import markup

    factories.published("Is **this** read again?")
    monkeypatch.setattr(markup, "render", lambda source: 1 / 0)
    feed = Visitor().get("/feeds/questions/")
    assert feed.status_code == 200 and "Is this read again?" in feed.text


def test_render_posts_goes_through_old_html_only() -> None:
    old, new = factories.published("Is *this* old?"), factories.published("Is *this* new?")
    Post.objects.filter(pk=old.pk).update(html="old", html_version="0")
    Post.objects.filter(pk=new.pk).update(html="untouched")
    call_command("render_posts")
    assert Post.objects.get(pk=old.pk).html == "<p>Is <em>this</em> old?</p>"
    assert Post.objects.get(pk=new.pk).html == "untouched"


def test_a_decision_needs_its_reason_whoever_asks_for_it() -> None:
    post = factories.pending()
    with pytest.raises(transitions.ReasonMissing):
        factories.transition(post, Move.RETURN, actor=factories.moderator(), version=1, reason="  ")
