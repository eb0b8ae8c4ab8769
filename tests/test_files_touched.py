"""How many of the site's own files a reader of one journey has to open: those whose functions run in it.

Measured in this process on the second time, when nothing is loaded or drawn for the first time any more:
`script/test --quick tests/test_files_touched.py -rP` prints the files.
"""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from forum.inbound import receive
from tests import factories
from tests.forum.inbound.letters import answerable, mail
from tests.support.visitors import Visitor, ordinary_site, question_form  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "articles", "config", "forum")
numbers = itertools.count(1)
Journey = Callable[[], Callable[[], Any]]


def ask() -> Callable[[], Any]:
    """A guest sends the form."""
    visitor, number = Visitor(), next(numbers)
    form = question_form(text=f"May I go swimming {number} times?", email=f"asker{number}@guests.test")
    return lambda: visitor.post("/questions/ask/", form)


def decide() -> Callable[[], Any]:
    """A moderator publishes a guest's question."""
    post, visitor = factories.pending(), Visitor(factories.moderator())
    sent = {"move": "publish", "version": post.version}
    return lambda: visitor.post(f"/moderation/{post.public_id}/decide/", sent)


def answer_by_mail() -> Callable[[], Any]:
    """A guest's mail comes in and becomes a reply."""
    _question, address = answerable()
    letter = mail(address, "My own words.")
    return lambda: receive.receive(letter.as_bytes(), sender="", recipient=address)


def read() -> Callable[[], Any]:
    """A guest reads a question with one reply."""
    question = factories.published()
    factories.published("It helped me.", question=question)
    url = question.get_absolute_url()
    return lambda: Visitor().get(url)


def files_of(act: Callable[[], Any]) -> list[str]:
    """Return the files whose functions run while `act` does."""
    seen: set[str] = set()

    def look(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            seen.add(frame.f_code.co_filename)

    sys.setprofile(look)
    try:
        act()
    finally:
        sys.setprofile(None)
    paths = (Path(name) for name in seen if name.startswith(str(ROOT)))
    found = (path.relative_to(ROOT) for path in paths)
    return sorted(path.as_posix() for path in found if path.parts[0] in APPS)


@pytest.mark.parametrize(("journey", "most"), [(ask, 35), (decide, 22), (answer_by_mail, 35), (read, 15)])
def test_a_journey_runs_through_few_files(journey: Journey, most: int, ordinary_site: None) -> None:  # noqa: F811
    journey()()
    files = files_of(journey())
    print(f"{journey.__name__}: {len(files)} files\n  " + "\n  ".join(files))
    assert len(files) <= most
