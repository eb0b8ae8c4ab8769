"""What followers are mailed: replies, answers and questions, at once or gathered into a summary.

A text comes as everybody can read it on the site, in plain words and cut; never what is held or was left out. Who wants
none in their mailbox gets links alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from articles.text.plain import post_text
from forum.models import Delivery, Post
from forum.notifications.mails.news import is_true
from forum.notifications.mails.parts import Mail, NotWanted, absolute, render_mail
from forum.states import Move

# Characters of a text: in a mail about replies, and in a summary.
LONGEST = 1_000
LONGEST_IN_SUMMARY = 300


@dataclass(frozen=True)
class News:
    """One thing that a mail tells of: a public post, with as much of its text as person and mail take."""

    post: Post
    is_correction: bool
    text: str
    is_cut: bool

    @property
    def url(self) -> str:
        """Where it stands."""
        return absolute(reverse("forum:post", args=[self.post.public_id]))

    @property
    def history_url(self) -> str:
        """Where everybody can see what changed; of a correction."""
        return absolute(reverse("forum:history", args=[self.post.public_id])) if self.is_correction else ""


@dataclass(frozen=True)
class Thread:
    """A question and what is new about it."""

    question: Post
    news: list[News]

    @property
    def url(self) -> str:
        """Where it stands."""
        return absolute(reverse("forum:post", args=[self.question.public_id]))


def replies(delivery: Delivery) -> Mail:
    """Tell a follower which replies and answers are public, and which were corrected: all that was gathered."""
    told = _still_public(delivery, LONGEST)
    questions = {news.post.thread for news in told}
    asked_it = all(question.contact_id == delivery.recipient_id for question in questions)
    answers = all(news.post.is_answer for news in told)
    context = {"told": told, "asked_it": asked_it, "questions": questions, "shows_text": _wants_text(delivery)}
    return render_mail(delivery, context, Delivery.Kind.ANSWER if answers else Delivery.Kind.REPLY)


def digest(delivery: Delivery) -> Mail:
    """Sum up a day or a week of what a person follows, question by question."""
    told = _still_public(delivery, LONGEST_IN_SUMMARY)
    are_replies = all(news.post.question_id and not news.is_correction for news in told)
    context = {"threads": _by_question(told), "count": len(told), "are_replies": are_replies}
    return render_mail(delivery, {**context, "shows_text": _wants_text(delivery)}, Delivery.DIGEST)


def _still_public(delivery: Delivery, longest: int) -> list[News]:
    """Return what the mail can tell; what is no longer public is left out, and so its row is not marked as sent."""
    delivery.members = [member for member in delivery.members if _is_public(member)]
    if not delivery.members:
        raise NotWanted("Nothing of it is public any more.")
    longest = longest if _wants_text(delivery) else 0
    told = {member.post: _news(member, longest) for member in delivery.members}
    return list(told.values())


def _is_public(delivery: Delivery) -> bool:
    if delivery.kind == Delivery.Kind.NEWS:
        return is_true(delivery)
    return delivery.post is not None and delivery.post.is_public


def _wants_text(delivery: Delivery) -> bool:
    return not delivery.recipient.links_only


def _news(member: Delivery, longest: int) -> News:
    post = member.post
    assert post is not None  # noqa: S101 - _is_public has looked
    is_correction = member.entry is not None and member.entry.move == Move.CORRECT
    text = post_text(post.html, between="\n\n") if longest else ""
    return News(post, is_correction, cut(text, longest), is_cut=len(text) > longest)


def cut(text: str, longest: int) -> str:
    """Return the beginning of a text, cut between two words where it can be."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    return (head.rsplit(None, 1)[0] if len(head.split()) > 1 else head).rstrip() + " …"


def _by_question(told: Iterable[News]) -> list[Thread]:
    """Return the news of each question together, in the order in which the first of them was owed."""
    threads: dict[int, Thread] = {}
    for news in told:
        question = news.post.thread
        threads.setdefault(question.pk, Thread(question, [])).news.append(news)
    return list(threads.values())
