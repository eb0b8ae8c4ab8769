"""Which published answers stand beside the text box: the scoring by itself, and what is looked at."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forum.models import Post
from forum.physicians.related import Candidate, best, related_answers, terms
from forum.posts import submit
from tests import factories
from tests.forum.views.desk.desk import topic as desk_topic

ASKED = terms("Does the pump help against spasms at night?")


def candidate(text: str, *, near: bool = False) -> Candidate:
    """Return a candidate with these words."""
    return Candidate(Post(title=text), terms(text), near)


def found(*candidates: Candidate, limit: int = 4) -> list[str]:
    """Return the titles of the best, best first."""
    return [one.post.title for one in best(ASKED, candidates, limit)]


ROWS = {
    "more shared words stand first": (["A pump", "A pump against spasms"], ["A pump against spasms", "A pump"]),
    "without a shared word it is not related": (["Bladder training", "A pump"], ["A pump"]),
    "plurals and case do not matter": (["PUMPS?"], ["PUMPS?"]),
    "common words count for nothing": (["What would you think about this, please?"], []),
    "short words count for nothing": (["At the end of it"], []),
    "nothing there": ([], []),
}


@pytest.mark.parametrize("name", ROWS)
def test_ranking(name: str) -> None:
    texts, expected = ROWS[name]
    assert found(*map(candidate, texts)) == expected


def test_the_same_topic_or_article_comes_first_even_with_fewer_words() -> None:
    near, far = candidate("Bladder training", near=True), candidate("A pump against spasms at night")
    assert found(far, near) == ["Bladder training", "A pump against spasms at night"]


def test_a_word_that_all_have_counts_less_than_one_that_few_have() -> None:
    pumps = [candidate(f"A pump {name}") for name in ("today", "abroad", "failing")]
    assert found(*pumps, candidate("Spasms alone"))[0] == "Spasms alone"


def test_no_more_than_asked_for() -> None:
    assert len(found(*[candidate(f"A pump {number}") for number in range(9)])) == 4


def test_hostile_texts_do_no_harm() -> None:
    assert terms("", "\u202e" * 5, "🙂" * 50, "a" * 100_000)


def answered(text: str, **fields: Any) -> Post:
    """Return a physician's public answer to a question with that text."""
    question = factories.published(text, **fields)
    return submit.submit(factories.draft(f"About: {text}", user=factories.physician(), question=question))


@pytest.mark.django_db
def test_only_published_answers_of_physicians_to_other_questions() -> None:
    topic = desk_topic()
    asked = factories.published("Does the pump help against spasms?")
    submit.submit(factories.draft("To itself: pump, spasms.", user=factories.physician(), question=asked))
    by_words = answered("Is a pump good for spasms?")
    by_topic = answered("Something else entirely?")
    readers = factories.published("Pump and spasms again?")
    factories.published("A reader's word on pump and spasms.", question=readers)
    gone = answered("Pump, spasms, removed?")
    assert gone.question is not None
    submit.withdraw(gone.question, actor=None, version=gone.question.version)
    Post.objects.filter(pk__in=[asked.pk, by_topic.question_id]).update(topic=topic)
    asked.refresh_from_db()
    assert related_answers(asked) == [by_topic, by_words]


@pytest.mark.django_db
def test_it_costs_the_same_however_many_there_are() -> None:
    topic = desk_topic()
    asked = factories.published("Does the pump help against spasms?")
    Post.objects.filter(pk=asked.pk).update(topic=topic)
    asked.refresh_from_db()
    counted = []
    for _round in range(2):
        for number in range(4):
            answered(f"Is pump {number} good for spasms?")
        with CaptureQueriesContext(connection) as captured:
            related_answers(asked)
        counted.append(len(captured))
    assert counted == [2, 2]
