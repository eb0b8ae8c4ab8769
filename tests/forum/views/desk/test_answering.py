"""Answering at the desk: drafts, snippets, sending, and that no text is ever lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import roles
from accounts.models import Credential
from forum.models import AnswerDraft, DeskQuestion, Post, Snippet
from forum.posts import submit
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import ANSWER, Desk, answer, form, hidden, set_row, typed, url, words
from tests.support.visitors import Visitor, ordinary_site, summary  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def answers(question: Post) -> list[Post]:
    """Return the replies to the question, in whatever state."""
    return list(Post.objects.filter(question=question).order_by("pk"))


def test_the_page_shows_the_question_its_thread_and_related_answers() -> None:
    question = factories.published("Does the pump help against spasms?")
    factories.published("It helped me.", question=question)
    other = factories.published("Is a pump good for spasms?")
    answer(other, factories.physician("Olga"), "Often it is.")
    page = words(Desk().open(question))
    assert "It helped me." in page and "Often it is." in page and "I’m answering this" in page
    assert "Your reply appears at once, marked “Volunteer physician, Neurology”." in page


def test_a_draft_is_kept_as_typed_and_comes_back() -> None:
    desk, question = Desk(), factories.published()
    assert desk.press(question, "Half an\nanswer  ", "draft").status_code == 302
    assert desk.draft(question) == "Half an\nanswer  "
    assert typed(desk.open(question), "text") == "Half an\nanswer  "
    assert not answers(question)
    assert typed(Desk().open(question), "text") == "", "nobody else sees it"


def test_a_snippet_goes_after_the_text() -> None:
    desk, question = Desk(), factories.published()
    mine = Snippet.objects.create(author=desk.physician, title="Team", text="Ask your own team.")
    page = desk.press(question, "First this.\n", f"snippet:{mine.pk}")
    assert page.status_code == 302 and page["Location"].endswith("#answer")
    assert desk.draft(question) == "First this.\n\nAsk your own team."


@pytest.mark.parametrize("number", ["0", "999999", "x", "-1", "9" * 40, "\u0661", ""])
def test_a_snippet_that_is_not_there_adds_nothing(number: str) -> None:
    desk, question = Desk(), factories.published()
    assert desk.press(question, "Text", f"snippet:{number}").status_code == 302
    assert desk.draft(question) == "Text"


def test_nobody_elses_snippet_goes_in() -> None:
    desk, question = Desk(), factories.published()
    other = Snippet.objects.create(author=factories.physician(), title="T", text="Secret")
    desk.press(question, "Text", f"snippet:{other.pk}")
    assert desk.draft(question) == "Text"


def test_sending_makes_one_public_answer_and_ends_draft_and_claim() -> None:
    desk, question = Desk(), factories.published()
    desk.post(url(question, "claim/"))
    desk.press(question, "Half", "draft")
    page = desk.open(question)
    sent = form(page)
    assert [desk.post(url(question), sent).status_code for _ in range(2)] == [302, 302]
    [reply] = answers(question)
    assert reply.is_public and reply.credential is not None and reply.source == ANSWER
    row = DeskQuestion.objects.get()
    assert row.state == "answered" and row.claimed_by is None and desk.draft(question) is None


def test_an_answer_that_is_held_is_kept_and_its_draft_is_not_needed() -> None:
    desk, question = Desk(), factories.published()
    page = desk.press(question, "Ring me on +44 20 7946 0958.")
    assert page.status_code == 200 and "Send it as it is now" in page.text and desk.draft(question)
    sent = desk.press(question, "Ring me on +44 20 7946 0958.", page=page, told="yes")
    assert sent.status_code == 302 and [post.state for post in answers(question)] == ["pending"]
    assert DeskQuestion.objects.get().state == "waiting" and desk.draft(question) is None


@pytest.mark.parametrize("text", ["", "   ", "x" * 5_001])
def test_what_cannot_be_sent_stays_in_the_form_and_the_draft(text: str) -> None:
    desk, question = Desk(), factories.published()
    page = desk.press(question, text)
    assert page.status_code == 422 and summary(page) and not answers(question)
    assert typed(page, "text") == text and (desk.draft(question) or "") == text.strip()


def test_until_it_is_stored_the_draft_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, question = Desk(), factories.published()
    sent = form(desk.open(question))

    def fails(draft: submit.Draft) -> Post:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(submit, "submit", fails)
    desk.raise_request_exception = False
    assert desk.post(url(question), sent).status_code == 500
    assert desk.draft(question) == ANSWER and typed(desk.open(question), "text") == ANSWER


def test_a_text_too_long_for_a_draft_stays_on_the_page() -> None:
    desk, question = Desk(), factories.published()
    page = desk.press(question, "x" * 10_001, "draft")
    assert page.status_code == 422 and typed(page, "text") == "x" * 10_001 and "even for a draft" in page.text


def test_bytes_that_databases_refuse_are_no_trouble() -> None:
    desk, question = Desk(), factories.published()
    assert desk.press(question, "a\x00b\u202ec", "draft").status_code == 302
    assert desk.draft(question) == "abc"


# --- Two windows


def test_a_draft_saved_in_another_window_is_not_overwritten_unseen() -> None:
    desk, question = Desk(), factories.published()
    first, second = desk.open(question), desk.open(question)
    desk.press(question, "In the first window", "draft", first)
    page = desk.press(question, "In the second window", "draft", second)
    assert page.status_code == 409 and desk.draft(question) == "In the first window"
    assert typed(page, "text") == "In the second window" and "In the first window</textarea>" in page.text
    assert desk.press(question, "In the second window", "draft", page).status_code == 302
    assert desk.draft(question) == "In the second window"


def test_pressing_twice_is_no_conflict() -> None:
    desk, question = Desk(), factories.published()
    page = desk.open(question)
    assert [desk.press(question, "Once", "draft", page).status_code for _ in range(2)] == [302, 302]


@pytest.mark.parametrize("saved", ["x", "2026-13-45", "2026-11-24T10:00:00", "9" * 500])
def test_a_mark_that_means_nothing(saved: str) -> None:
    desk, question = Desk(), factories.published()
    desk.press(question, "There", "draft")
    page = desk.press(question, "Other", "draft", saved=saved)
    assert page.status_code == 409 and desk.draft(question) == "There"


def test_sending_from_an_old_window_leaves_the_other_ones_words() -> None:
    desk, question = Desk(), factories.published()
    page = desk.open(question)
    desk.press(question, "Words of another window", "draft")
    assert desk.press(question, page=page).status_code == 302
    assert len(answers(question)) == 1 and "Words of another window" in (desk.draft(question) or "")


# --- Somebody else


def test_whoever_is_overtaken_is_told_before_sending() -> None:
    desk, question = Desk(), factories.published()
    page = desk.open(question)
    answer(question, factories.physician("Olga"))
    told = desk.press(question, page=page)
    assert told.status_code == 409 and "Dr Olga answered" in told.text and "Send mine, too" in told.text
    assert typed(told, "text") == ANSWER and desk.draft(question) == ANSWER and len(answers(question)) == 1
    assert desk.press(question, page=told).status_code == 302 and len(answers(question)) == 2


def test_an_answer_that_was_there_before_is_no_news() -> None:
    desk, question = Desk(), factories.published()
    answer(question, factories.physician("Olga"))
    assert desk.press(question).status_code == 302


# --- Sessions, credentials, questions that end


def test_after_the_session_has_ended_the_text_comes_back_and_can_be_sent() -> None:
    desk, question = Desk(), factories.published()
    sent = form(desk.open(question), "Typed for an hour", "send")
    desk.logout()
    page = desk.post(url(question), sent)
    assert page.status_code == 403 and typed_in(page) == "Typed for an hour" and 'target="_blank"' in page.text
    assert not AnswerDraft.objects.exists()
    desk.force_login(desk.physician)
    again = {name: hidden(page, name) for name in ("form_key", "seen", "saved")}
    assert desk.post(url(question), {**again, "text": typed_in(page), "do": "draft"}).status_code == 302
    assert desk.draft(question) == "Typed for an hour"


def test_a_form_from_before_signing_in_again_brings_the_text_back() -> None:
    """The secret against forged forms changes with signing in: the page says so, with the text on it."""
    physician, question = factories.physician(), factories.published()
    strict = Visitor(physician, enforce_csrf_checks=True)
    page = strict.post(url(question), {"text": "Typed & kept", "do": "send", "csrfmiddlewaretoken": "x" * 64})
    assert page.status_code == 403 and typed_in(page) == "Typed &amp; kept" and 'value="send"' not in page.text
    token = hidden(page, "csrfmiddlewaretoken")
    kept = strict.post(url(question), {"text": "Typed & kept", "do": "draft", "csrfmiddlewaretoken": token})
    assert kept.status_code == 302 and AnswerDraft.objects.get().text == "Typed & kept"


def test_a_physician_whose_credential_has_lapsed_gets_the_text_back() -> None:
    desk, question = Desk(), factories.published()
    sent = form(desk.open(question))
    Credential.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    page = desk.post(url(question), sent)
    assert page.status_code == 403 and ANSWER in page.text and "Your draft is kept" in page.text
    assert desk.draft(question) == ANSWER and not answers(question)
    assert desk.get(url(question)).status_code == 404
    Credential.objects.update(valid_until=timezone.localdate())
    assert typed(desk.open(question), "text") == ANSWER


def test_a_lapsed_physician_cannot_tell_a_routed_question_that_is_held_from_none() -> None:
    desk, held = Desk(), factories.pending()
    DeskQuestion.objects.create(question=held, is_asked_for=True)
    Credential.objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    pages = [desk.post(f"/desk/{name}/", {"text": ANSWER}) for name in (held.public_id, "nosuchpost")]
    assert [page.status_code for page in pages] == [403, 403]
    assert not any("Your draft is kept" in page.text for page in pages) and desk.draft(held) is None


@pytest.mark.parametrize("end", [Move.REMOVE, "withdrawn"])
def test_a_question_that_is_gone_gives_the_text_back(end: str) -> None:
    desk, question = Desk(), factories.published()
    sent = form(desk.open(question))
    if end == Move.REMOVE:
        factories.decide(question, Move.REMOVE)
    else:
        submit.withdraw(question, actor=None, version=question.version)
    page = desk.post(url(question), sent)
    assert page.status_code == 409 and ANSWER in page.text and desk.draft(question) == ANSWER and not answers(question)
    assert desk.get(url(question)).status_code == 409, "the draft can still be read"
    assert Desk().get(url(question)).status_code == 404


def test_held_unknown_and_own_questions_answer_alike() -> None:
    desk = Desk()
    held, own = factories.pending(), factories.published(user=desk.physician)
    pages = [
        desk.post(f"/desk/{name}/", {"text": "Words", "do": "send"})
        for name in (held.public_id, own.public_id, "nosuchpost")
    ]
    assert {page.status_code for page in pages} == {409} and len({_without_token(page.text) for page in pages}) == 1
    assert not AnswerDraft.objects.exists()
    assert {desk.get(f"/desk/{name}/").status_code for name in (held.public_id, own.public_id, "nosuchpost")} == {404}


def test_a_paused_physician_keeps_the_text() -> None:
    from forum.moderation import sanctions

    desk, question = Desk(), factories.published()
    page = desk.open(question)
    sanctions.impose(
        desk.physician,
        sanctions.Measure("pause", 3, "A pause."),
        actor=factories.person("Ed", roles.STAFF, roles.MODERATORS, is_staff=True),
    )
    refused = desk.press(question, page=page)
    assert refused.status_code == 403 and typed(refused, "text") == ANSWER and desk.draft(question) == ANSWER


# --- What the script asks


def by_script(desk: Desk, question: Post, text: str, page: Any) -> Any:
    """Save the draft as the script does."""
    return desk.post(url(question), form(page, text, "draft"), HTTP_X_REQUESTED_WITH="fetch")


def test_the_script_saves_again_and_again() -> None:
    desk, question = Desk(), factories.published()
    page = desk.open(question)
    first = by_script(desk, question, "One", page)
    assert first.status_code == 200 and first.json()["said"].startswith("Draft saved at ")
    fields = {**form(page, "One two", "draft"), "saved": first.json()["saved"]}
    assert desk.post(url(question), fields, HTTP_X_REQUESTED_WITH="fetch").status_code == 200
    assert desk.draft(question) == "One two"
    stale = by_script(desk, question, "Three", page)
    assert stale.status_code == 409 and "another window" in stale.json()["said"] and "saved" not in stale.json()
    assert by_script(desk, question, "x" * 10_001, page).status_code == 422


def test_another_physicians_claim_is_shown_and_forbids_nothing() -> None:
    desk, question = Desk(), factories.published()
    set_row(question, claimed_by=factories.physician("Olga"), claimed_until=timezone.now() + timedelta(hours=1))
    page = desk.open(question)
    assert "Dr Olga is answering this" in page.text and "I’m answering this" not in page.text
    assert desk.press(question, page=page).status_code == 302


def typed_in(page: Any) -> str:
    """Return what stands in the field of a page that gives a text back."""
    found = re.search(r'<textarea id="typed"[^>]*>(.*?)</textarea>', page.text, re.DOTALL)
    assert found
    return found[1]


def _without_token(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", re.sub(r"/desk/\w+/", "", text))
