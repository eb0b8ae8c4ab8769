"""Changing what is public: at once where nothing holds it, else after a word of warning, and never in two ways at once."""

from typing import Any

import pytest

from accounts.models import HIDDEN_NAME, Contact, Credential
from forum.models import Delivery, LogEntry, Post, Revision, Sanction, Subscription
from forum.moderation import sanctions
from forum.notifications import mails, subscriptions
from forum.states import Move, State
from tests import factories
from tests.forum.posts.answers import CORRECTED, TEXT, answer, correct, fresh
from tests.support.visitors import Visitor, hidden, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
OTHER = "Is a pump better than tablets, and for whom?"


def send(visitor: Visitor, url: str, **fields: Any) -> Any:
    """Open the form at the URL and send it back with these values."""
    page = visitor.get(url)
    form = {name: hidden(page, name) for name in ("version", "told") if f'name="{name}" value=' in page.text}
    return visitor.post(url, {**form, **fields})


def last(post: Post) -> LogEntry:
    entry = LogEntry.objects.filter(post=post).latest("pk")
    assert entry.version == fresh(post).version
    return entry


def test_a_physicians_correction_is_public_at_once_and_logged() -> None:
    post = answer()
    url = f"/posts/{post.public_id}/correct/"
    page = Visitor(post.author).get(url)
    assert "public at once" in page.text and typed(page, "text") == TEXT
    response = send(Visitor(post.author), url, text=CORRECTED)
    assert response.status_code == 302 and response["Location"] == post.get_absolute_url()
    now = fresh(post)
    assert (now.state, now.source, now.revision) == (State.PUBLISHED, CORRECTED, 2)
    assert now.published_at == post.published_at and now.corrected_at == last(post).created_at
    assert (last(post).move, last(post).actor) == (Move.CORRECT, post.author)
    assert "Corrected on" in Visitor().get(post.get_absolute_url()).text


@pytest.mark.parametrize("way", ["guest", "member"])
def test_a_readers_change_is_told_first_and_hides_the_post_until_a_moderator_has_read_it(way: str) -> None:
    member = factories.person("Mel") if way == "member" else None
    post = factories.published("Is a pump better than tablets?", **({"user": member} if member else {}))
    urls = {"guest": f"/p/{post.status_token}/edit/", "member": f"/posts/{post.public_id}/correct/"}
    visitor = Visitor(member)
    told = send(visitor, urls[way], text=OTHER)
    assert told.status_code == 200 and "a moderator reads this first" in told.text and "one to two days" in told.text
    assert typed(told, "text") == OTHER and fresh(post).source == post.source and fresh(post).state == State.PUBLISHED
    sent = visitor.post(urls[way], {"text": OTHER, "version": hidden(told, "version"), "told": hidden(told, "told")})
    now = fresh(post)
    assert sent["Location"] == post.get_status_url() and (now.state, now.source) == (State.PENDING, OTHER)
    assert last(post).move == Move.EDIT and now.waiting_since == last(post).created_at
    assert Visitor().get(post.get_absolute_url()).status_code == 404


def test_a_held_change_is_announced_to_its_author_once_it_is_public() -> None:
    post = factories.published("Is a pump better than tablets?")
    factories.confirmed(post)
    posts_mails = Delivery.objects.filter(kind=Delivery.Kind.PUBLISHED, post=post)
    assert posts_mails.count() == 1
    changed = correct(post, OTHER)
    factories.decide(changed, Move.PUBLISH)
    assert posts_mails.count() == 2 and fresh(post).published_at == post.published_at
    assert "Changed on" in Visitor().get(fresh(post).get_absolute_url()).text


def test_what_only_comes_back_after_reports_is_no_news() -> None:
    post = factories.published("Is a pump better than tablets?")
    factories.transition(post, Move.HIDE, actor=None)
    factories.decide(post, Move.PUBLISH)
    assert Delivery.objects.filter(kind=Delivery.Kind.PUBLISHED, post=post).count() == 1
    assert fresh(post).corrected_at is None


def test_personal_data_in_a_physicians_correction_holds_it_and_says_what_was_found() -> None:
    post = answer()
    url = f"/posts/{post.public_id}/correct/"
    told = send(Visitor(post.author), url, text="Ring me on +44 20 7946 0958 then.")
    assert told.status_code == 200 and "contains personal details" in told.text
    assert fresh(post).source == TEXT and not Delivery.objects.filter(kind=Delivery.Kind.QUEUE, post=post).exists()


def test_a_lapsed_physicians_correction_is_read_first() -> None:
    post = answer()
    Credential.objects.update(valid_until="2020-01-01", valid_from="2019-01-01")
    url = f"/posts/{post.public_id}/correct/"
    assert "public at once" not in Visitor(post.author).get(url).text
    told = send(Visitor(post.author), url, text=CORRECTED)
    assert told.status_code == 200 and "a moderator reads this first" in told.text and fresh(post).source == TEXT


def test_under_a_trusting_policy_a_members_change_is_public_at_once(settings: Any) -> None:
    member = factories.person("Mel")
    post = factories.published("Is a pump better than tablets?", user=member)
    for number in range(5):
        factories.published(f"Is this question number {number} of mine short?", user=member)
    Post.objects.update(created_at="2020-01-01T00:00Z")
    settings.MODERATION_POLICY = "trust-members"
    response = send(Visitor(member), f"/posts/{post.public_id}/correct/", text=OTHER)
    assert response["Location"] == fresh(post).get_absolute_url()
    assert (fresh(post).state, fresh(post).source) == (State.PUBLISHED, OTHER)


def test_a_stale_form_saves_nothing_and_keeps_what_was_typed() -> None:
    post = answer()
    stale = {"text": "An answer typed long ago.", "version": post.version, "told": "yes"}
    correct(post)
    for url in (f"/posts/{post.public_id}/correct/", f"/p/{post.status_token}/edit/"):
        response = Visitor(post.author).post(url, stale)
        assert response.status_code == 409 and "An answer typed long ago." in response.text
    assert fresh(post).source == CORRECTED


def test_the_same_form_twice_is_one_correction() -> None:
    post = answer()
    form = {"text": CORRECTED, "version": post.version}
    first, second = (Visitor(post.author).post(f"/posts/{post.public_id}/correct/", form) for _ in range(2))
    assert first["Location"] == second["Location"] == post.get_absolute_url()
    assert LogEntry.objects.filter(post=post, move=Move.CORRECT).count() == 1
    assert Revision.objects.filter(post=post).count() == 2


@pytest.mark.parametrize("fields", [{"text": ""}, {"text": CORRECTED, "version": "x"}, {"text": "x" * 5_001}])
def test_bad_input_is_explained_and_nothing_is_lost(fields: dict[str, str]) -> None:
    post = answer()
    url = f"/posts/{post.public_id}/correct/"
    response = Visitor(post.author).post(url, {"version": str(post.version), **fields})
    assert response.status_code == 422 and summary(response) and typed(response, "text") == fields["text"]
    assert hidden(response, "version") == str(post.version) and fresh(post).source == TEXT


def test_who_is_paused_changes_nothing() -> None:
    post = answer()
    assert post.author
    measure = sanctions.Measure(Sanction.Kind.PAUSE, 3, "Please wait.")
    sanctions.impose(post.author, measure, actor=factories.moderator())
    response = send(Visitor(post.author), f"/posts/{post.public_id}/correct/", text=CORRECTED)
    assert response.status_code == 403 and fresh(post).source == TEXT


def test_nothing_changed_is_nothing_logged() -> None:
    post = answer()
    send(Visitor(post.author), f"/posts/{post.public_id}/correct/", text=TEXT)
    assert fresh(post).version == post.version


def followers_mails(post: Post) -> int:
    return Delivery.objects.filter(kind=Delivery.Kind.ANSWER, event__startswith=f"corrected:{post.pk}:").count()


def test_followers_hear_of_a_correction_where_the_physician_wants_it() -> None:
    post = answer()
    assert post.question
    contact = Contact.objects.for_user(factories.person("Fay Follower"))
    subscriptions.follow(contact, Subscription.Kind.THREAD, post.question)
    url = f"/posts/{post.public_id}/correct/"
    assert "Tell those who follow" in Visitor(post.author).get(url).text
    send(Visitor(post.author), url, text=f"{CORRECTED} Always.")
    assert not followers_mails(post)
    send(Visitor(post.author), url, text=CORRECTED, tell="on")
    # The asker still waits for the first mail about the answer, and will find the corrected text by that one.
    assert followers_mails(post) == 1
    assert Delivery.objects.get(event__startswith="corrected:").recipient == contact
    send(Visitor(post.author), url, text=f"{CORRECTED} Ever.", tell="on")
    assert followers_mails(post) == 1
    Delivery.objects.update(state=Delivery.State.SENT)
    subscriptions.end(subscriptions.follow(contact, Subscription.Kind.ANSWERS))
    send(Visitor(post.author), url, text=CORRECTED, tell="on")
    assert Delivery.objects.filter(event__startswith="corrected:", recipient=contact).count() == 1


def test_a_member_can_hide_and_show_the_name_without_a_moderator() -> None:
    member = factories.person("Mel Member")
    post = factories.published("Is a pump better than tablets?", user=member)
    url = f"/posts/{post.public_id}/correct/"
    send(Visitor(member), url, text=post.source, hide_name="on")
    page = Visitor().get(post.get_absolute_url()).text
    assert f"Asked by {HIDDEN_NAME}" in page and "Mel Member" not in page and fresh(post).state == State.PUBLISHED
    send(Visitor(member), url, text=post.source)
    assert "Asked by Mel Member" in Visitor().get(post.get_absolute_url()).text


def test_a_physician_answers_under_the_name_that_was_checked() -> None:
    post = answer()
    url = f"/posts/{post.public_id}/correct/"
    assert "Do not show my name" not in Visitor(post.author).get(url).text
    send(Visitor(post.author), url, text=CORRECTED, hide_name="on")
    assert (fresh(post).name, fresh(post).is_name_hidden) == ("Dr Ada", False)


def test_the_mail_says_where_to_see_what_changed() -> None:
    post = answer()
    assert post.question
    follower = factories.person("Fay Follower")
    subscriptions.follow(Contact.objects.for_user(follower), Subscription.Kind.THREAD, post.question)
    correct(post, f"{CORRECTED} zebra-crossing", tell=True)
    delivery = Delivery.objects.get(event__startswith="corrected:")
    mail = mails.compose(delivery)
    assert mail.subject == "An answer was changed: a question you follow"
    for part in (mail.text, mail.html):
        assert f"/posts/{post.public_id}/history/" in part and "was corrected" in part and "new reply to" not in part
        assert "You get this because" in part and "zebra-crossing" in part and "/unsubscribe/" in part
    factories.transition(fresh(post), Move.HIDE, actor=None)
    with pytest.raises(mails.NotWanted):
        mails.compose(Delivery.objects.get(pk=delivery.pk))
