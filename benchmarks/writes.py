"""A held comment and a decision, against the commit of one row in the same database."""

import itertools
import time
from collections.abc import Callable

from django.db import transaction

from accounts.models import Contact, User
from benchmarks import main
from forum.models import Post
from forum.posts import submit, transitions
from forum.states import Move

_numbers = itertools.count()


def compare(rounds: int) -> dict[str, tuple[float, float]]:
    """Return the median seconds of each write and of the bare commit measured beside it."""
    moderator = User.objects.get(name="Mo Moderator")
    held = main.in_turns(lambda: seconds(ask), lambda: seconds(bare), rounds)
    waiting = iter(list(Post.objects.waiting()[: rounds + 5]))
    decided = main.in_turns(lambda: seconds(lambda: decide(next(waiting), moderator)), lambda: seconds(bare), rounds)
    return {"a held comment": held, "a decision (publish)": decided}


def seconds(act: Callable[[], object]) -> float:
    """Return how long one act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def bare() -> None:
    """Commit one row."""
    with transaction.atomic():
        Contact.objects.create()


def ask() -> None:
    """Submit a guest's question: rules, rows, log, what mail is owed, and the worker told."""
    number = next(_numbers)
    submit.submit(
        submit.Draft(
            text=f"Is it better to have a pump or just tablets? My doctor wants me to get a pump. ({number})",
            form_key=f"bench-write-{number}",
            name="Reader",
            address=f"reader{number}@guests.example",
        )
    )


def decide(post: Post, moderator: User) -> None:
    """Publish a waiting post."""
    transitions.transition(post, transitions.Transition(Move.PUBLISH, moderator), post.version)
