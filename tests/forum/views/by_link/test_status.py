"""A person's own pages: status, editing, withdrawing, confirming, unsubscribing, /me/."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Contact
from forum.models import Delivery, LogEntry, Post, Revision, Subscription
from forum.notifications import subscriptions
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, counts, hidden, ordinary_site, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

HEADINGS = {
    State.PENDING: "is with our moderators",
    State.PUBLISHED: "is published",
    State.RETURNED: "came back to you",
    State.REJECTED: "was not published",
    State.SPAM: "was not published",
    State.WITHDRAWN: "You have withdrawn",
    State.REMOVED: "was removed",
}


def in_state(state: State) -> Post:
    """Return a guest's question in the state."""
    post = factories.pending()
    path = {State.REMOVED: [Move.PUBLISH, Move.REMOVE], State.PENDING: []}
    single = {State.PUBLISHED: Move.PUBLISH, State.RETURNED: Move.RETURN, State.REJECTED: Move.REJECT}
    single |= {State.SPAM: Move.SPAM}
    for move in path.get(state, [single[state]] if state in single else []):
        factories.decide(post, move, reason="Please leave out the name <b>.")
    if state == State.WITHDRAWN:
        Visitor().post(f"/p/{post.status_token}/withdraw/")
        post.refresh_from_db()
    assert post.state == state
    return post


@pytest.mark.parametrize("state", list(State))
def test_the_status_page_in_each_state(state: State) -> None:
    post = in_state(state)
    page = Visitor().get(post.get_status_url())
    assert HEADINGS[state] in page.text
    told = state in {State.RETURNED, State.REJECTED, State.REMOVED}
    assert ("Please leave out the name &lt;b&gt;." in page.text) == told
    assert ("Change it" in page.text) == (state in {State.PENDING, State.RETURNED, State.PUBLISHED})
    assert ("Withdraw it" in page.text) == (state in {State.PENDING, State.RETURNED, State.PUBLISHED})
    assert (post.html in page.text) == (state != State.WITHDRAWN)
    assert post.contact and post.contact.address not in page.text and post.contact.token not in page.text


def test_an_edit_waits_again_keeps_its_place_and_is_judged_again() -> None:
    post = factories.pending("See https://example.org, is it good?")
    factories.decide(post, Move.RETURN)
    waiting_since, link = post.waiting_since, f"/p/{post.status_token}/edit/"
    page = Visitor().get(link)
    assert typed(page, "text") == post.source and hidden(page, "version") == "2"
    response = Visitor().post(link, {"text": "Is it good? Call +1 212 555 0123", "version": "2"})
    assert response["Location"] == post.get_status_url()
    post.refresh_from_db()
    assert (post.state, post.revision, post.version) == (State.PENDING, 2, 3)
    assert post.waiting_since == waiting_since
    assert (post.source, post.title) == ("Is it good? Call +1 212 555 0123",) * 2
    assert [revision.number for revision in Revision.objects.filter(post=post)] == [1, 2]
    now = {hold.rule for hold in post.holds.filter(revision=2)}
    assert "phone" in now and "link" not in now
    entry = LogEntry.objects.filter(post=post).latest("pk")
    assert (entry.move, entry.before, entry.after, entry.actor_name) == ("edit", "returned", "pending", post.name)


def test_an_edited_text_is_compared_with_others_as_it_is_now() -> None:
    factories.pending("Buy my wonderful pills now!")
    post = factories.pending("A harmless question?")
    Visitor().post(f"/p/{post.status_token}/edit/", {"text": "Buy my wonderful pills now!", "version": "1"})
    assert "repeat" in {hold.rule for hold in post.holds.filter(revision=2)}
    Visitor().post(f"/p/{post.status_token}/edit/", {"text": "A harmless question?", "version": "2"})
    assert "repeat" not in {hold.rule for hold in post.holds.filter(revision=3)}


def test_an_edit_is_never_published_by_itself(settings: Any) -> None:
    settings.MODERATION_POLICY = "trust-members"
    member = factories.person()
    for _ in range(3):  # enough to be trusted
        factories.published(user=member)
    settings.MODERATION_POLICY = "hold-all"
    post = factories.pending(user=member)
    settings.MODERATION_POLICY = "trust-members"
    Visitor(member).post(f"/p/{post.status_token}/edit/", {"text": "A harmless text.", "version": "1"})
    post.refresh_from_db()
    assert post.state == State.PENDING


def test_an_edit_after_a_return_is_announced_to_moderators_again() -> None:
    moderator = factories.moderator()
    post = factories.pending()
    Delivery.objects.filter(kind="queue").update(state="sent", sent_at=timezone.now())
    factories.decide(post, Move.RETURN, by=moderator)
    Visitor().post(f"/p/{post.status_token}/edit/", {"text": "Better so?", "version": "2"})
    assert Delivery.objects.filter(kind="queue", state="owed", recipient__user=moderator).count() == 1


def test_withdrawing_asks_first_and_then_hides_the_post() -> None:
    question = factories.published()
    link = f"/p/{question.status_token}/withdraw/"
    page = Visitor().get(link)
    assert "cannot be undone" in page.text and "replies to it will no longer be shown" in page.text
    question.refresh_from_db()
    assert question.state == State.PUBLISHED
    assert Visitor().post(link)["Location"] == question.get_status_url()
    question.refresh_from_db()
    assert question.state == State.WITHDRAWN
    assert Visitor().get(question.get_absolute_url()).status_code == 404


def test_withdrawing_stops_the_mail_about_it() -> None:
    asker = factories.person()
    question = factories.published(user=asker)
    reply = factories.published("A reply.", question=question, user=factories.person())
    assert Delivery.objects.filter(post=reply, kind="reply", state="owed").exists()
    Visitor().post(f"/p/{reply.status_token}/withdraw/")
    assert not Delivery.objects.filter(post=reply, state="owed").exists()


def test_the_confirm_link_shows_a_button_and_only_the_button_confirms() -> None:
    post = factories.pending()
    factories.decide(post, Move.PUBLISH)
    assert post.contact
    link = f"/confirm/{post.contact.token}/"
    page = Visitor(enforce_csrf_checks=True)
    text = page.get(link).text
    page.head(link)
    assert "Is this your e-mail address?" in text and post.contact.address not in text
    assert post.title not in text and post.name not in text and post.status_token not in text
    assert not Contact.objects.get(pk=post.contact.pk).is_confirmed
    token = hidden(page.get(link), "csrfmiddlewaretoken")
    done = page.post(link, {"answer": "me", "csrfmiddlewaretoken": token})
    assert "your address is confirmed" in done.text and post.get_status_url() in done.text
    assert Contact.objects.get(pk=post.contact.pk).is_confirmed
    assert Delivery.objects.get(post=post, kind="published").state == "owed"


def test_this_was_not_me_forgets_the_address_and_stops_everything() -> None:
    post = factories.pending()
    factories.decide(post, Move.PUBLISH)
    assert post.contact
    link = f"/confirm/{post.contact.token}/"
    page = Visitor().post(link, {"answer": "not-me"})
    assert "We have deleted the address" in page.text
    contact = Contact.objects.get(pk=post.contact.pk)
    assert not contact.address and not contact.address_key and not contact.is_confirmed
    assert not Subscription.objects.active().filter(contact=contact).exists()
    assert set(Delivery.objects.filter(recipient=contact).values_list("state", flat=True)) == {"cancelled"}
    assert Visitor().get(link).status_code == 410
    assert Visitor().post(link, {"answer": "me"}).status_code == 410


def test_a_members_contact_cannot_be_confirmed_or_disowned_by_a_link() -> None:
    contact = Contact.objects.for_user(factories.person())
    assert Visitor().get(f"/confirm/{contact.token}/").status_code == 404
    assert Visitor().post(f"/confirm/{contact.token}/", {"answer": "not-me"}).status_code == 404


def test_unsubscribing_by_the_page_and_by_one_click() -> None:
    question = factories.published()
    factories.confirmed(question)
    other = factories.pending().subscriptions.get()
    subscription = question.subscriptions.get()
    reply = factories.published("A reply.", question=question)
    link = f"/unsubscribe/{subscription.token}/"
    before = counts()
    for method in ("get", "head"):
        assert getattr(Visitor(), method)(link).status_code == 200
    assert Subscription.objects.get(pk=subscription.pk).is_active and counts() == before
    # What a mail program sends (RFC 8058): no cookie, no token, from nowhere.
    program = Visitor(enforce_csrf_checks=True, HTTP_REFERER="")
    done = program.post(link, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200 and "The mails have stopped" in done.text
    assert not Subscription.objects.get(pk=subscription.pk).is_active
    assert Delivery.objects.get(post=reply, kind="reply", recipient=question.contact).state == "cancelled"
    assert program.post(link).status_code == 200
    assert Subscription.objects.get(pk=other.pk).is_active, "only the one subscription ends"


def test_unsubscribing_as_a_mail_program_that_sends_no_body() -> None:
    subscription = factories.pending().subscriptions.get()
    assert Visitor(enforce_csrf_checks=True).generic("POST", f"/unsubscribe/{subscription.token}/").status_code == 200
    assert not Subscription.objects.get(pk=subscription.pk).is_active


def test_the_unsubscribe_page_tells_the_title_only_while_it_is_public() -> None:
    question = factories.published("Does this title stand there?")
    link = f"/unsubscribe/{question.subscriptions.get().token}/"
    assert question.title in Visitor().get(link).text
    Visitor().post(f"/p/{question.status_token}/withdraw/")
    assert question.title not in Visitor().get(link).text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        *(("queue", "wait for a moderator"), ("urgent", "on call"), ("opinion", "what physicians think")),
        *(("decisions", "what became of your posts"), ("replies", "whatever question you follow")),
        *(("answers", "physicians’ answers"), ("digest", "no more summaries"), ("claims", "your claim on a question")),
        *(("escalation", "waited too long"),),
        *(("desk", "weekly mail"), ("routed", "asks you to answer"), ("checkers", "asks to be recognised")),
    ],
)
def test_the_unsubscribe_page_says_which_list_it_ends(kind: str, words: str) -> None:
    contact = Contact.objects.for_user(factories.moderator())
    link = f"/unsubscribe/{subscriptions.follow(contact, Subscription.Kind(kind)).token}/"
    for page in (Visitor().get(link), Visitor().post(link)):
        assert words in page.text and "question:" not in page.text and "one question" not in page.text


def test_who_has_stopped_a_mail_is_told_the_way_back() -> None:
    member = factories.person()
    question = factories.published("Shall I rest?", user=member)
    decisions = subscriptions.follow(Contact.objects.for_user(member), Subscription.Kind.DECISIONS)
    of_list = Visitor().post(f"/unsubscribe/{decisions.token}/").text
    of_question = Visitor().post(f"/unsubscribe/{question.subscriptions.get().token}/").text
    assert 'href="/me/notifications/"' in of_list and 'href="/me/notifications/"' in of_question
    guests = factories.published("Shall I walk?").subscriptions.get()
    page = Visitor().post(f"/unsubscribe/{guests.token}/").text
    # Told where the way is, not led there: this link can stop one thing, and nothing else.
    assert "the link to your e-mail settings" in page and "/mail-choices/" not in page and "/me/" not in page


def test_confirming_offers_to_join_and_does_not_say_whether_the_address_is_known() -> None:
    pages = []
    factories.person(address="known@members.test")
    for address in ("known@members.test", "new@guests.test"):
        post = factories.pending(address=address)
        assert post.contact is not None
        page = Visitor().post(f"/confirm/{post.contact.token}/", {"answer": "me"}).text
        assert 'href="/accounts/signup/"' in page and address not in page
        pages.append(page.replace(post.status_token, "").replace(post.contact.token, ""))
    one, other = (re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages)
    assert one == other
    token = factories.confirmed(factories.pending()).token
    signed_in = Visitor(factories.person()).get(f"/confirm/{token}/").text
    assert "/accounts/signup/" not in signed_in


def test_a_moderator_can_stop_the_mails_about_the_queue() -> None:
    moderator = factories.moderator()
    factories.pending()
    subscription = Subscription.objects.get(kind="queue", contact__user=moderator)
    assert "wait for a moderator" in Visitor().get(f"/unsubscribe/{subscription.token}/").text
    Visitor().post(f"/unsubscribe/{subscription.token}/")
    assert Delivery.objects.get(kind="queue").state == "cancelled"
    factories.pending()
    assert Delivery.objects.filter(kind="queue").count() == 1


def test_my_page_shows_what_i_wrote_and_what_i_follow() -> None:
    member = factories.person("Mel")
    mine = [factories.pending("My waiting question?", user=member), factories.published("My public one?", user=member)]
    followed = factories.published("Somebody's question?", user=factories.person())
    visitor = Visitor(member)
    visitor.post(f"/questions/{followed.public_id}/follow/")
    page = visitor.get("/me/")
    assert "Hello, Mel" in page.text
    for post in mine:
        assert post.get_status_url() in page.text
    assert "waiting for a moderator" in page.text and followed.get_absolute_url() in page.text
    assert followed.status_token not in page.text
    other = Visitor(factories.person()).get("/me/").text
    assert not any(post.status_token in other or post.title in other for post in mine)
    assert Visitor().get("/me/")["Location"] == "/accounts/login/?next=/me/"


def test_my_page_does_not_tell_the_title_of_a_followed_question_that_was_taken_back() -> None:
    member = factories.person()
    question = factories.published("A title that its author took back?")
    subscriptions.follow(Contact.objects.for_user(member), Subscription.Kind.THREAD, question)
    assert question.title in Visitor(member).get("/me/").text
    Visitor().post(f"/p/{question.status_token}/withdraw/")
    assert question.title not in Visitor(member).get("/me/").text


def test_private_pages_are_kept_by_nobody() -> None:
    post = factories.pending()
    assert post.contact
    for link in (f"/p/{post.status_token}/", f"/confirm/{post.contact.token}/"):
        page = Visitor().get(link)
        assert "no-store" in page["Cache-Control"] and "noindex" in page["X-Robots-Tag"]
        assert page["Referrer-Policy"] == "no-referrer"


def test_my_page_costs_the_same_for_3_and_30_posts() -> None:
    member = factories.person()
    visitor = Visitor(member)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert visitor.get("/me/").status_code == 200
        return len(captured)

    many = []
    for count in (3, 27):
        for number in range(count):
            question = factories.published(f"Mine {count} {number}?", user=member)
            factories.pending(f"My reply {count} {number}.", user=member, question=question)
        many.append(queries())
    # Two of them ask whether mail to this person comes back.
    assert many[0] == many[1] <= 17
