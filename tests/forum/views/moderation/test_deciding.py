"""Deciding from the pages: reasons from the library, parts left out, questions to others, conflicts, the script's answers."""

import json
from typing import Any

import pytest

from forum.models import Claim, LogEntry, Post, Reason, Report
from forum.moderation import claims, masking
from forum.posts import submit
from forum.states import Move, State
from tests import factories
from tests.forum.views.moderation.desk import by_htmx, decide, fresh, words
from tests.support.visitors import Visitor, counts, error_beside, ordinary_site, summary, typed  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


@pytest.fixture
def moderator() -> Visitor:
    """A moderator's browser."""
    return Visitor(factories.moderator("Mo"))


@pytest.fixture
def library() -> dict[str, Reason]:
    """One reason for each decision that needs one, by code; and one that is no longer offered."""
    rows = [("long", "return", True), ("off", "reject", True), ("gone", "remove", True), ("old", "return", False)]
    return {
        code: Reason.objects.create(code=code, move=move, title=f"Title {code}", text=f"Text {code}.", is_active=active)
        for code, move, active in rows
    }


# Reasons


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reason_code": "long"}, "Text long."),
        ({"reason_code": "long", "reason": "Two pages will do."}, "Text long.\n\nTwo pages will do."),
        ({"reason": "Two pages will do."}, "Two pages will do."),
    ],
)
def test_the_author_reads_the_librarys_words_and_the_moderators_own(
    moderator: Visitor, library: Any, fields: dict[str, str], expected: str
) -> None:
    post = factories.pending()
    assert decide(moderator, post, "return", **fields).status_code == 302
    entry = LogEntry.objects.latest("pk")
    assert (entry.reason, entry.reason_code) == (expected, fields.get("reason_code", ""))
    assert expected.split("\n")[0] in words(Visitor().get(post.get_status_url()))


@pytest.mark.parametrize("code", ["off", "old", "nonsense", "\0"])
def test_a_reason_for_another_decision_is_not_taken(moderator: Visitor, library: Any, code: str) -> None:
    post = factories.pending()
    before = counts()
    page = decide(moderator, post, "return", reason_code=code, reason="My own words.")
    assert page.status_code == 422 and counts() == before
    assert "Please choose another" in error_beside(page, "reason_code") and typed(page, "reason") == "My own words."


def test_the_page_offers_only_reasons_that_are_offered_and_groups_them(moderator: Visitor, library: Any) -> None:
    post = factories.pending()
    for url in (f"/moderation/{post.public_id}/", "/moderation/"):
        page = moderator.get(url).text
        assert '<optgroup label="Send back">' in page and "Title long" in page and "Title old" not in page


# Whom to ask


@pytest.mark.parametrize(("move", "whom"), [("ask-colleague", "colleague"), ("ask-physician", "physician")])
def test_asking_needs_a_question_and_the_post_waits_on(moderator: Visitor, move: str, whom: str) -> None:
    post = factories.pending()
    page = decide(moderator, post, move)
    assert page.status_code == 422 and "#ask_reason" in summary(page).values() and "ask_reason_error" in page.text
    assert decide(moderator, post, move, reason="Is it safe?").status_code == 302
    post = fresh(post)
    assert (post.state, post.waiting_for) == (State.PENDING, whom)
    assert "“Is it safe?”" in words(moderator.get("/moderation/"))
    assert "Is it safe?" not in Visitor().get(post.get_status_url()).text


# Reports


def test_leaving_a_reported_post_as_it_is(moderator: Visitor) -> None:
    post = factories.published()
    assert 'value="keep"' not in moderator.get(f"/moderation/{post.public_id}/").text
    report = Report.objects.create(post=post, reporter_key="k", reason="unkind")
    page = moderator.get(f"/moderation/{post.public_id}/")
    assert 'value="keep"' in page.text and "It is insulting or cruel" in page.text
    assert decide(moderator, post, "keep").status_code == 302
    report.refresh_from_db()
    assert report.outcome == "kept" and fresh(post).state == State.PUBLISHED


# Parts left out


def test_publishing_without_the_marked_parts_and_other_words(moderator: Visitor) -> None:
    post = factories.pending("Ring +1 212 555 0123 and ask for Dr Smith in  Leeds, dr smith is kind.")
    page = moderator.get(f"/moderation/{post.public_id}/")
    part = page.text.partition('name="parts" value="')[2].partition('"')[0]
    assert "+1 212 555 0123" in words(page).partition('name="parts"')[2][:400]
    done = decide(moderator, post, "mask", parts=[part], others="Dr Smith\n\nin Leeds")
    assert done.status_code == 302
    left = masking.LEFT_OUT
    assert fresh(post).source == f"Ring {left} and ask for {left} {left}, {left} is kind."
    public = words(Visitor().get(fresh(post).get_absolute_url()))
    assert f"Ring {left}" in public and "212" not in public and "Smith" not in public
    assert post.revisions.get(number=1).source.startswith("Ring +1 212")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ("Dr Jones", "“Dr Jones” is not in the text."),
        ("Smit", "“Smit” is not in the text."),
        ("a", "too short"),
        ("", "Choose a part"),
        ("Ask Dr Smith about it.", "Nothing would be left"),
    ],
)
def test_words_that_cannot_be_left_out_are_named_beside_the_field(moderator: Visitor, others: str, said: str) -> None:
    post = factories.pending("Ask Dr Smith about it.")
    before = counts()
    page = decide(moderator, post, "mask", others=others)
    assert page.status_code == 422 and counts() == before and fresh(post).state == State.PENDING
    assert said in error_beside(page, "others") and typed(page, "others") == others


def test_parts_that_are_not_the_texts_are_refused(moderator: Visitor) -> None:
    post = factories.pending("Ask Dr Smith about it.")
    for part in ("0-3", "0-9999", "x-y", "-"):
        assert decide(moderator, post, "mask", parts=[part]).status_code == 422
    assert fresh(post).state == State.PENDING


MASKS = {
    "nothing touches": ("a bb c", [(2, 4)], [], "a # c"),
    "parts that overlap are one": ("abcdef", [(0, 3), (2, 5)], [], "#f"),
    "in any case": ("Ann met ANN", [], ["ann"], "# met #"),
    "not inside a word": ("Ann and Anna", [], ["Ann"], "# and Anna"),
    "with signs at the ends": ("see (x) y", [], ["(x)"], "see # y"),
    "over a line break": ("Dr\nSmith", [], ["Dr Smith"], "#"),
    "no link is made": ("Ann(https://a.example)", [], ["Ann"], "# (https://a.example)"),
}


@pytest.mark.parametrize(("text", "parts", "others", "expected"), MASKS.values(), ids=MASKS)
def test_how_parts_are_left_out(text: str, parts: Any, others: list[str], expected: str) -> None:
    assert masking.without(text, parts, others) == expected.replace("#", masking.LEFT_OUT)


# One's own


def test_nobody_decides_on_their_own_post_and_the_page_says_who_does() -> None:
    user = factories.moderator()
    post = factories.pending("My own question?", user=user)
    visitor = Visitor(user)
    for url in ("/moderation/", f"/moderation/{post.public_id}/"):
        page = visitor.get(url)
        assert "You wrote this post yourself" in page.text and f'{post.public_id}/decide/"' not in page.text
    before = counts()
    refused = decide(visitor, post, "publish")
    assert refused.status_code == 403 and "A colleague decides on it." in refused.text and counts() == before


# Conflicts


def test_an_edit_meanwhile_is_shown_against_what_the_moderator_saw_and_the_reason_is_kept(moderator: Visitor) -> None:
    post = factories.pending("I take ten tablets.")
    submit.edit(fresh(post), "I take twelve tablets.", actor=None, version=1)
    page = decide(moderator, post, "return", reason="Please say more.")
    text = words(page)
    assert page.status_code == 409 and "changed it" in text and "was not carried out" in text
    assert "<del> ten</del><ins> twelve</ins>" in text and typed(page, "reason") == "Please say more."
    assert decide(moderator, fresh(post), "return", reason=typed(page, "reason")).status_code == 302


def test_a_double_click_is_told_that_it_counts_once(moderator: Visitor) -> None:
    post = factories.pending()
    assert decide(moderator, post, "publish").status_code == 302
    page = decide(moderator, post, "publish")
    assert page.status_code == 409 and "You have decided this already" in page.text and "counts once" in page.text
    assert LogEntry.objects.filter(post=post, move="publish").count() == 1


def test_a_post_that_its_author_took_back_meanwhile(moderator: Visitor) -> None:
    post = factories.pending()
    submit.withdraw(fresh(post), actor=None, version=1)
    page = decide(moderator, post, "reject", reason="No.")
    assert page.status_code == 409 and f"<strong>{post.name}</strong> came first" in words(page)


# What the script gets


def htmx_decide(visitor: Visitor, post: Post, move: str, **fields: Any) -> Any:
    """Send a decision as the script does."""
    url = f"/moderation/{post.public_id}/decide/"
    return by_htmx(visitor, url, {"version": post.version, "move": move, **fields})


def test_the_script_gets_no_page_but_what_to_say_and_the_way_to_undo(moderator: Visitor, settings: Any) -> None:
    settings.UNDO_SECONDS = 600
    post, _other = factories.pending("One?"), factories.pending("Two?")
    answer = htmx_decide(moderator, post, "publish")
    assert answer.status_code == 200 and "<html" not in answer.text
    assert json.loads(answer["HX-Trigger"])["decided"] == {"said": "Published. 1 left.", "undo": True}
    assert f"/moderation/{post.public_id}/undo/" in answer.text and 'data-hx-swap-oob="innerHTML"' in answer.text


def test_the_script_gets_the_card_again_with_what_is_wrong(moderator: Visitor) -> None:
    post = factories.pending()
    answer = htmx_decide(moderator, post, "return")
    assert answer.status_code == 422 and "<html" not in answer.text and f'id="card-{post.public_id}"' in answer.text
    assert f'id="{post.public_id}_reason_error"' in answer.text and 'aria-invalid="true"' in answer.text
    assert '<details class="answer-box" open>' in answer.text


def test_the_script_gets_the_conflict_in_the_cards_place(moderator: Visitor) -> None:
    post = factories.pending()
    factories.decide(fresh(post), Move.PUBLISH, by=factories.moderator("Ada First"))
    answer = htmx_decide(moderator, post, "spam")
    assert answer.status_code == 409 and "<html" not in answer.text and f'id="card-{post.public_id}"' in answer.text
    assert "<strong>Ada First</strong> came first" in words(answer) and "HX-Request" in answer["Vary"]


# Claims


def test_opening_claims_a_post_and_never_takes_it_from_a_colleague() -> None:
    post, ada, bo = factories.pending(), factories.moderator("Ada"), factories.moderator("Bo")
    opened = Visitor(ada).post(f"/moderation/{post.public_id}/claim/")
    assert opened["Location"] == f"/moderation/{post.public_id}/"
    first = Claim.objects.get()
    assert first.moderator == ada
    assert Visitor(bo).post(f"/moderation/{post.public_id}/claim/").status_code == 302
    assert Claim.objects.get() == first
    seen = words(Visitor(bo).get(f"/moderation/{post.public_id}/"))
    assert f"<strong>Ada</strong> has this open until {first.until:%H:%M} (UTC)" in seen
    told = by_htmx(Visitor(bo), f"/moderation/{post.public_id}/claim/", {})
    assert "<strong>Ada</strong> has this open" in told.text and "<html" not in told.text


def test_a_claim_is_renewed_by_whoever_has_it_and_taken_by_others_once_it_is_over(settings: Any) -> None:
    post, ada, bo = factories.pending(), factories.moderator("Ada"), factories.moderator("Bo")
    first = claims.claim_post(post, ada)
    renewed = claims.claim_post(post, ada)
    assert first and renewed and renewed.until > first.until and Claim.objects.count() == 1
    Claim.objects.update(until=first.until.replace(year=2020))
    taken = claims.claim_post(post, bo)
    assert taken and taken.moderator == bo and Claim.objects.count() == 1


def test_leaving_ends_ones_own_claim_and_no_other() -> None:
    post, ada, bo = factories.pending(), factories.moderator(), factories.moderator()
    claims.claim_post(post, ada)
    assert Visitor(bo).post(f"/moderation/{post.public_id}/release/")["Location"] == "/moderation/"
    assert Claim.objects.count() == 1
    assert Visitor(ada).post(f"/moderation/{post.public_id}/release/", {"beacon": "1"}).status_code == 204
    assert Claim.objects.count() == 0


def test_a_claim_binds_nobody_and_ends_with_the_decision() -> None:
    post = factories.pending()
    claims.claim_post(post, factories.moderator())
    assert decide(Visitor(factories.moderator()), post, "publish").status_code == 302
    assert Claim.objects.count() == 0
    assert claims.claim_post(post, factories.moderator()) is None


def test_looking_claims_nothing() -> None:
    post = factories.pending()
    visitor = Visitor(factories.moderator())
    before = counts()
    for url in ("/moderation/", f"/moderation/{post.public_id}/"):
        assert visitor.get(url).status_code == 200
    assert visitor.get(f"/moderation/{post.public_id}/claim/").status_code == 405
    assert Claim.objects.count() == 0 and counts() == before
