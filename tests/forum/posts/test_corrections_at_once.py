"""Several at once, each with a connection of its own: counted once, corrected once, and no circle of newer answers."""

import json

import pytest

from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.slow]

AT_ONCE = """
import json
from functools import partial
from forum.posts import corrections, helpful, submit
from forum.models import Helped, LogEntry, Post, Revision
from forum.posts.transitions import Conflict
from forum.posts.access import Reader
from tests.forum.posts.answers import answer, fresh
from tests import factories
from tests.support import at_once

together = partial(at_once.together, late=(Conflict, corrections.NotNewer))

found = []
for number in range(6):
    first = answer(factories.physician("Ada"), text=f"Ask your own team, number {number}.")
    second = answer(factories.physician("Ben"), text=f"Ask for a test dose, number {number}.", question=first.question)
    readers = [Reader(f"reader {number % 2}") for number in range(4)]
    together(*[lambda reader=reader: helpful.mark_helpful(first, reader) for reader in readers])
    helped = [fresh(first).helped_count, Helped.objects.filter(post=first).count()]
    together(*[lambda reader=reader: helpful.unmark_helpful(first, reader) for reader in readers])
    helped.append(fresh(first).helped_count)
    change = lambda: submit.save(submit.weigh(fresh(second), f"Ask for it twice, number {number}."), actor=second.author, version=second.version)
    corrected = together(change, change, change)
    texts = Revision.objects.filter(post=second).count()
    # Each as its own request sees both.
    pairs = [(fresh(first), fresh(second)), (fresh(second), fresh(first))]
    circle = together(
        *[lambda old=old, new=new: corrections.supersede(old, new, actor=old.author, version=old.version) for old, new in pairs]
    )
    named = [bool(fresh(post).superseded_by_id) for post in (first, second)].count(True)
    found.append([helped, corrected, texts, circle, named])
print(json.dumps(found))
"""


def test_once_is_once_however_many_press_together(stack: Stack) -> None:
    rounds = json.loads(stack.shell(AT_ONCE).strip().splitlines()[-1])
    assert len(rounds) == 6
    for helped, corrected, texts, circle, named in rounds:
        assert helped == [2, 2, 0]
        assert (corrected, texts) == (["done", "late", "late"], 2)
        assert (circle, named) == (["done", "late"], 1)
