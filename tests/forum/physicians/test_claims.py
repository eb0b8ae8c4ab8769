"""“I’m answering this”: for two days, by one physician at a time, forbidding nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from forum.models import DeskQuestion
from forum.physicians import claims
from forum.states import Move
from tests import factories
from tests.forum.views.desk.desk import Desk, answer, set_row, url, words
from tests.support.visitors import ordinary_site  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ordinary_site")]


def row() -> DeskQuestion:
    return DeskQuestion.objects.get()


def test_a_claim_holds_for_two_days_and_lapses_by_itself(settings: Any) -> None:
    first, second, question = Desk(), Desk(), factories.published()
    assert first.post(url(question, "claim/")).status_code == 302
    assert row().claimed_by == first.physician and row().is_claimed
    assert "You are answering this" in first.open(question).text
    with time_machine.travel(timezone.now() + timedelta(hours=settings.DESK_CLAIM_HOURS - 1), tick=False):
        assert not claims.claim_question(question, second.physician)
    with time_machine.travel(timezone.now() + timedelta(hours=settings.DESK_CLAIM_HOURS + 1), tick=False):
        assert not row().is_claimed
        assert claims.claim_question(question, second.physician)
    assert row().claimed_by == second.physician


def test_of_two_at_once_one_wins_and_the_other_is_told_who() -> None:
    first, second, question = Desk(factories.physician("Olga")), Desk(), factories.published()
    first.open(question), second.open(question)
    assert first.post(url(question, "claim/")).status_code == 302
    late = second.post(url(question, "claim/"))
    page = words(late)
    assert late.status_code == 409 and "Dr Olga was faster" in page and "Open it anyway" in page
    assert row().claimed_by == first.physician


def test_pressing_again_prolongs_it_and_letting_go_frees_it() -> None:
    first, second, question = Desk(), Desk(), factories.published()
    first.post(url(question, "claim/"))
    set_row(question, claimed_until=timezone.now() + timedelta(minutes=1))
    first.post(url(question, "claim/"))
    until = row().claimed_until
    assert until and until > timezone.now() + timedelta(hours=40)
    assert second.post(url(question, "release/")).status_code == 302 and row().is_claimed, "not hers to release"
    assert [first.post(url(question, "release/")).status_code for _ in range(2)] == [302, 302]
    assert row().claimed_by is None and second.post(url(question, "claim/")).status_code == 302


def test_what_is_answered_or_gone_cannot_be_claimed() -> None:
    desk, question = Desk(), factories.published()
    answer(question, factories.physician())
    late = desk.post(url(question, "claim/"))
    assert late.status_code == 409 and "It no longer waits for an answer" in late.text
    factories.decide(question, Move.REMOVE)
    assert desk.post(url(question, "claim/")).status_code == 404
    assert not claims.claim_question(question, desk.physician)


def test_it_does_not_outlive_the_answer_of_another() -> None:
    desk, question = Desk(), factories.published()
    desk.post(url(question, "claim/"))
    answer(question, factories.physician())
    assert row().claimed_by is None
