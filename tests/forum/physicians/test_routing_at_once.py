"""A question is routed, or its asker erased, while a moderator decides: nobody waits for the other for ever."""

import json

import pytest

from tests.support.stack import Stack

# SQLite has one lock for everything: nobody can hold one and wait for another.
pytestmark = [pytest.mark.stack, pytest.mark.slow(seconds=60), pytest.mark.postgresql_only]

AT_ONCE = """
import json
from functools import partial
from forum.physicians import routing
from forum.models import DeskQuestion, Post
from accounts.conflicts import Conflict
from forum.states import Move
from tests import factories
from tests.support import at_once

together = partial(at_once.together, late=(Conflict,))
one, other, physician = factories.moderator(), factories.moderator(), factories.physician("Ada")
found = []
for number in range(20):
    question = factories.published(f"May I swim with a pump, number {number}?")
    mine, theirs = Post.objects.get(pk=question.pk), Post.objects.get(pk=question.pk)
    route = lambda: routing.route(mine, routing.Route(None, True, physician), actor=one)
    remove = lambda: factories.decide(theirs, Move.REMOVE, by=other, reason="It names somebody.")
    outcome = together(route, remove)
    found.append([outcome, Post.objects.get(pk=question.pk).state, DeskQuestion.objects.get(question=question).is_asked_for])
print(json.dumps(found))
"""

ERASED = """
import json
from functools import partial
from django.db import transaction
from forum.models import Post
from accounts.conflicts import Conflict
from forum.privacy import erase_posts
from forum.states import Move
from tests import factories
from tests.support import at_once

together = partial(at_once.together, late=(Conflict,))
moderator = factories.moderator()
found = []
for number in range(20):
    asker = factories.person()
    question = factories.published(f"May I swim with a pump, number {number}?", user=asker)
    again = factories.published(f"And in the sea, number {number}?", user=asker, question=question)
    theirs = Post.objects.select_related("question").get(pk=again.pk)
    def erase():
        with transaction.atomic():
            erase_posts.leave(Post.objects.filter(author=asker).order_by("pk"), {}, keep=False)
    remove = lambda: factories.decide(theirs, Move.REMOVE, by=moderator, reason="It names somebody.")
    together(erase, remove)
    found.append(Post.objects.get(pk=again.pk).state)
print(json.dumps(found))
"""


def test_a_question_is_routed_while_another_moderator_removes_it(stack: Stack) -> None:
    rounds = json.loads(stack.shell(AT_ONCE).strip().splitlines()[-1])
    assert rounds == [[["done", "done"], "removed", True]] * 20


def test_an_asker_is_erased_while_a_moderator_removes_a_reply_of_theirs(stack: Stack) -> None:
    rounds = json.loads(stack.shell(ERASED).strip().splitlines()[-1])
    assert len(rounds) == 20 and set(rounds) <= {"removed", "erased", "withdrawn"}
