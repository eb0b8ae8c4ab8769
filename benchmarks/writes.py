"""Benchmark of writes: a held comment and a decision, compared with the commit of one row."""

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
    moderator = User.objects.get(name="Mo Moderator")
    held = main.in_turns(lambda: seconds(submit_question), lambda: seconds(bare), rounds)
    waiting = iter(list(Post.objects.waiting()[: rounds + 5]))
    decided = main.in_turns(lambda: seconds(lambda: decide(next(waiting), moderator)), lambda: seconds(bare), rounds)
    return {"a held comment": held, "a decision (publish)": decided}


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def bare() -> None:
    with transaction.atomic():
        Contact.objects.create()


def submit_question() -> None:
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
    transitions.move(post, Move.PUBLISH, actor=moderator, version=post.version)
