"""Other people's mails go through the reply path: no crash, no post from a bounce, and how many texts come out right."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from forum.inbound.quoting import clean, trim
from forum.models import InboundMail, Post
from tests.forum.inbound import corpus
from tests.forum.inbound.letters import answerable, mail, send

HERE = pytest.mark.skipif(
    not corpus.FOLDER.is_dir(), reason="the corpora are not here: ../shared/corpora/email-replies"
)
pytestmark = [HERE, pytest.mark.django_db]
Outcome = InboundMail.Outcome
Suite = Callable[[], Iterator[tuple[str, str, str]]]
SUITES: dict[str, Suite] = {"discourse": corpus.discourse, "github": corpus.github, "talon": corpus.talon}
TARGET = 0.85
FUNCTIONS = {"trim": trim.trim, "words_of": clean.words_of}


def figures(function: Callable[[str], str]) -> dict[str, tuple[int, int]]:
    """Return, for each collection, how many texts come out exactly as it expects, and of how many."""
    counts = {}
    for name, suite in SUITES.items():
        right = [corpus.at_line_ends(function(text)) == expected for _name, text, expected in suite()]
        counts[name] = (sum(right), len(right))
    return counts


@pytest.mark.parametrize("name", FUNCTIONS)
def test_enough_texts_come_out_exactly_and_the_figures_in_the_guide_are_true(name: str) -> None:
    counts = figures(FUNCTIONS[name])
    right, of_all = (sum(column) for column in zip(*counts.values(), strict=True))
    assert right / of_all >= TARGET, f"{right} of {of_all}"
    guide = (Path(settings.BASE_DIR) / "docs" / "mail.md").read_text()
    for suite, (exact, of_suite) in {**counts, "all": (right, of_all)}.items():
        assert re.search(rf"\| `{name}` \| {suite} \| {exact} of {of_suite} \|", guide), f"{name}: {suite} {exact}"


def test_the_texts_as_mails_become_the_same_posts(settings: object) -> None:
    """What the function gives is what stands in the post that the whole path makes."""
    settings.ASK_PER_ADDRESS_DAY = 1_000_000  # type: ignore[attr-defined] # the fixture's
    _question, address = answerable()
    for name, text, _expected in corpus.discourse():
        message = mail("asker@guests.test")
        message.set_payload(text.encode(), "utf-8")
        assert send(message, address) == Outcome.TAKEN, name
        row = InboundMail.objects.latest("pk")
        assert row.post and row.post.source == clean.words_of(text), name


def test_no_bounce_becomes_a_post_whatever_its_envelope_says() -> None:
    _question, address = answerable()
    for name, raw in corpus.bounces():
        from forum.inbound import receive

        for sender in ("", "asker@guests.test"):
            outcome = receive.receive(raw + sender.encode(), sender=sender, recipient=address)
            assert outcome == Outcome.DROPPED, name
    assert not Post.objects.exclude(question=None).exists()


def test_nothing_in_the_corpora_crashes_or_becomes_a_post_by_itself() -> None:
    """Every file as it is, as the bytes of a mail: none is from our asker, and so none is taken."""
    from forum.inbound import receive

    _question, address = answerable()
    seen = 0
    for name, raw in corpus.everything():
        outcome = receive.receive(raw, sender="somebody@example.org", recipient=address)
        assert outcome in {Outcome.DROPPED, Outcome.REFUSED}, name
        seen += 1
    assert seen > 60 and not Post.objects.exclude(question=None).exists()
