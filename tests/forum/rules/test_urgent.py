"""The urgent lane: words that sound like an emergency bring advice at once, and a moderator on call at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Contact, User
from forum.models import Delivery, Post, Subscription
from forum.notifications import subscriptions
from forum.posts import submit
from forum.states import Move, State
from tests import factories
from tests.support.visitors import Visitor, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]

PUMP = "My pump is alarming since last night and I have a fever and terrible itching. What should I do?"
DESPAIR = "The spasms never stop. I do not want to live any more."


def ask(text: str, visitor: Visitor | None = None, **fields: str) -> Any:
    """Ask as a browser does; return the page that the asker sees next."""
    visitor = visitor or Visitor()
    answer = visitor.post("/questions/ask/", question_form(text=text, **fields))
    assert answer.status_code == 302, answer.text
    return visitor.get(answer["Location"])


def told() -> set[User | None]:
    """Return who is owed word of something urgent."""
    owed = Delivery.objects.filter(kind=Delivery.Kind.URGENT).exclude(state=Delivery.State.CANCELLED)
    return {delivery.recipient.user for delivery in owed.select_related("recipient__user")}


def on_call(moderator: User) -> Subscription:
    """Put the moderator on call."""
    return subscriptions.follow(Contact.objects.for_user(moderator), Subscription.Kind.URGENT)


@pytest.mark.parametrize(
    ("text", "advice", "other"),
    [(PUMP, "local emergency number", "harming yourself"), (DESPAIR, "harming yourself", "pump that fails")],
)
def test_its_author_sees_advice_before_the_thanks(text: str, advice: str, other: str) -> None:
    page = ask(text).text
    assert page.index("emergency") < page.index("Thank you")
    main = page[page.index("<main") : page.index("Thank you")]
    assert 'class="emergency"' in main and advice in main and other not in main


def test_both_kinds_of_words_bring_both_kinds_of_advice() -> None:
    page = ask(f"{PUMP} {DESPAIR}").text
    assert page.count('class="emergency"') == 2


def test_other_posts_show_no_advice_of_the_kind() -> None:
    assert 'class="emergency"' not in ask("Is a pump better than tablets for a man of 60?").text


def test_it_waits_on_top_whatever_the_policy(settings: Any) -> None:
    settings.MODERATION_POLICY = "trust-members"
    member = factories.person()
    for number in range(3):
        factories.published(f"Is number {number} public?", user=member)
    Post.objects.update(created_at=timezone.now() - timedelta(days=9))  # else they came too fast
    other = factories.pending("And is this one?", user=member)
    assert other.state == State.PUBLISHED, list(other.holds.all())
    urgent = factories.pending(PUMP, user=member)
    assert urgent.state == State.PENDING and urgent.is_urgent
    assert list(Post.objects.urgent()) == [urgent]


def test_the_moderators_on_call_hear_of_it_at_once_and_once() -> None:
    ready, resting = factories.moderator("Ready"), factories.moderator("Resting")
    on_call(ready)
    post = factories.pending(PUMP)
    assert told() == {ready} and resting not in told()
    [delivery] = Delivery.objects.filter(kind=Delivery.Kind.URGENT)
    assert delivery.state == Delivery.State.OWED and delivery.subscription
    submit.edit(post, f"{PUMP} It is still alarming.", actor=None, version=1)
    assert Delivery.objects.filter(kind=Delivery.Kind.URGENT).count() == 1


def test_with_nobody_on_call_all_moderators_hear_of_it() -> None:
    moderators = {factories.moderator(), factories.moderator()}
    subscriptions.end(on_call(factories.moderator("Was on call")))
    factories.pending(PUMP)
    assert moderators < told() and len(told()) == 3


def test_a_change_that_sounds_like_an_emergency_is_urgent_then() -> None:
    factories.moderator()
    post = factories.pending("Is a pump better than tablets?")
    assert not told()
    submit.edit(post, PUMP, actor=None, version=1)
    fresh = Post.objects.get(pk=post.pk)
    assert fresh.is_urgent and told()
    assert 'class="emergency"' in Visitor().get(fresh.get_status_url()).text


def test_a_physician_who_writes_of_an_emergency_is_not_held() -> None:
    question = factories.published()
    answer = submit.submit(
        factories.draft(
            "If your pump is alarming, go to hospital at once.", user=factories.physician(), question=question
        )
    )
    assert answer.state == State.PUBLISHED and not told()


def test_what_is_decided_meanwhile_mails_nobody() -> None:
    from forum.notifications import mails

    factories.moderator()
    post = factories.pending(PUMP)
    delivery = Delivery.objects.select_related("post", "recipient__user").filter(kind=Delivery.Kind.URGENT).first()
    assert delivery and delivery.post
    factories.decide(post, Move.RETURN)
    delivery.post.refresh_from_db()
    with pytest.raises(mails.NotWanted):
        mails.compose(delivery)
