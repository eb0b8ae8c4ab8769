"""What moderators and physicians tell each other; and who is on call."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Credential
from forum.models import Note, Post, Subscription
from forum.states import Move
from tests import factories
from tests.forum.views.moderation.desk import decide, fresh, words
from tests.support.visitors import Visitor, counts, error_beside, ordinary_site, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]
OPINIONS = "/moderation/opinions/"


def asked(text: str = "Is it safe to stop?", **fields: Any) -> Post:
    """Return a post about which a moderator has asked the physicians."""
    post = factories.pending(text, **fields)
    decide(Visitor(factories.moderator("Ada First")), post, Move.ASK_PHYSICIAN, reason="May it stand?")
    return fresh(post)


def test_a_note_is_for_moderators_only() -> None:
    post, visitor = factories.pending(), Visitor(factories.moderator("Mo"))
    url = f"/moderation/{post.public_id}/note/"
    assert visitor.post(url, {"text": "I know this one."})["Location"] == f"/moderation/{post.public_id}/"
    assert "Mo, " in words(visitor.get("/moderation/")) and "I know this one." in words(visitor.get("/moderation/"))
    assert "I know this one." not in Visitor().get(post.get_status_url()).text
    assert Visitor(factories.person()).post(url, {"text": "Me too."}).status_code == 403
    assert Visitor(factories.physician()).post(url, {"text": "Me too."}).status_code == 403
    assert Note.objects.count() == 1


@pytest.mark.parametrize("text", ["", " \u200b", "w" * 1_001, "Write to mo7f3a@members.test"], ids=ascii)
def test_a_note_that_cannot_stand_is_kept_in_the_form(text: str) -> None:
    post, visitor = factories.pending(), Visitor(factories.moderator())
    page = visitor.post(f"/moderation/{post.public_id}/note/", {"text": text})
    assert page.status_code == 422 and error_beside(page, "text") and typed(page, "text") == text
    assert Note.objects.count() == 0


def test_a_physician_sees_what_is_asked_and_nothing_else_of_the_post() -> None:
    question = factories.published("Who has a pump?")
    member = factories.person("Mel")
    factories.published("Something else of Mel's.", user=member)
    asked("Ring me: geheim7f3a@guests.test, is it safe?", user=member, question=question)
    factories.pending("This one nobody asked about.")
    page = words(Visitor(factories.physician("Phil")).get(OPINIONS))
    assert (
        "is it safe?" in page and "“May it stand?”" in page and "Ada First asks" in page and "Who has a pump?" in page
    )
    assert "geheim7f3a" not in page and "Record" not in page and "1 published" not in page
    assert "nobody asked about" not in page and "/decide/" not in page


def test_an_opinion_stands_on_the_moderators_card() -> None:
    post, physician = asked(), factories.physician("Phil")
    url = f"{OPINIONS}{post.public_id}/"
    page = Visitor(physician).post(url, {"text": ""})
    assert page.status_code == 422 and f'id="{post.public_id}_text_error"' in page.text
    assert Visitor(physician).post(url, {"text": "It is safe."})["Location"] == OPINIONS
    assert "You wrote on" in words(Visitor(physician).get(OPINIONS))
    card = words(Visitor(factories.moderator()).get("/moderation/"))
    assert "A physician’s opinion.</strong> Phil" in card and "It is safe." in card
    assert fresh(post).version == post.version, "an opinion decides nothing"


def test_who_may_not_see_what_is_asked() -> None:
    """A refusal looks as if the page did not exist."""
    post = asked()
    lapsed = factories.physician(days=-1)
    withdrawn = factories.physician()
    Credential.objects.filter(user=withdrawn).update(withdrawn_at=timezone.now() - timedelta(hours=1))
    for user in (factories.person(), factories.moderator(), lapsed, withdrawn):
        assert Visitor(user).get(OPINIONS).status_code == 404
        assert Visitor(user).post(f"{OPINIONS}{post.public_id}/", {"text": "Hm."}).status_code == 404
    assert Visitor().get(OPINIONS)["Location"].startswith("/accounts/login/")
    assert Note.objects.count() == 0


def test_no_opinion_on_what_nobody_asks_about_any_more() -> None:
    physician = factories.physician()
    post, own, never = asked(), asked("My own?", user=physician), factories.pending()
    factories.decide(post, Move.PUBLISH)
    for one in (post, own, never, Post(public_id="nosuchpost")):
        assert Visitor(physician).post(f"{OPINIONS}{one.public_id}/", {"text": "Hm."}).status_code == 404
    assert "Nothing is asked" in Visitor(physician).get(OPINIONS).text


def test_being_on_call_is_switched_on_and_off() -> None:
    moderator = factories.moderator()
    visitor = Visitor(moderator)
    mine = Subscription.objects.active().filter(kind="urgent", contact__user=moderator)
    before = counts()
    assert "Mail me urgent posts at once" in visitor.get("/moderation/").text
    assert visitor.get("/moderation/on-call/").status_code == 405 and counts() | {"Contact": 0} == before | {
        "Contact": 0
    }
    for _ in range(2):
        assert visitor.post("/moderation/on-call/", {"on": "1"})["Location"] == "/moderation/" and mine.count() == 1
    assert "I am no longer on call" in visitor.get("/moderation/").text
    for _ in range(2):
        visitor.post("/moderation/on-call/", {"on": "0"})
        assert mine.count() == 0
    visitor.post("/moderation/on-call/", {"on": "1"})
    assert mine.count() == 1
    assert Visitor(factories.person()).post("/moderation/on-call/", {"on": "1"}).status_code == 403
